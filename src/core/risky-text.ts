// C0, DEL, C1, line and paragraph separators, zero-width and direction characters: none belongs in a sentence.
const RISKY = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

/** Does the text hold characters that could rewrite what a reviewer sees? */
export function isRiskyText(text: string): boolean {
  return RISKY.test(text);
}
