const CONTROLS = /[\u0000-\u001f\u007f-\u009f]+/g;
const DIRECTIONS = /[\u061c\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/**
 * A text that someone else chose, for a page (S12): one line, no control characters, nothing that is invisible or
 * turns the direction of what follows. Escaping is left to the JSX.
 */
export function neutralise(text: string): string {
  return text.replaceAll(CONTROLS, ' ').replaceAll(DIRECTIONS, '').trim();
}
