/**
 * Everything that a terminal may act upon or that makes text look like something else: the whole Unicode categories of
 * controls, formats (bidi, zero-width, tags), surrogates and line separators, and what is drawn as nothing. Only the
 * selectors that every emoji has are left. The one table: terminals, pages and what may be asked all go by it (S12).
 */
const TREACHEROUS =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}[\p{Default_Ignorable_Code_Point}--[\ufe00-\ufe0f]]\u2800]/gv;

const PLAIN = /^[\x20-\x7e]*$/;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Untrusted text for a terminal: one line, nothing acted upon, what was hidden is shown as an escape (S12). */
export function neutralise(text: string): string {
  return text.replace(TREACHEROUS, showCode);
}

/** A JSON document that says the same to every parser and does nothing to a terminal that it is shown on (S12). */
export function formatJson(document: unknown, indent = 0): string {
  const text = JSON.stringify(document, null, indent);
  return text.replace(TREACHEROUS, (character) => (character === '\n' ? character : escapeUnits(character)));
}

function escapeUnits(character: string): string {
  return Array.from({ length: character.length }, (_, index) => character.charCodeAt(index))
    .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
    .join('');
}

/** Text for a place that shows no escapes (S12): what separates becomes a blank, what is not seen is left out. */
export function removeHidden(text: string): string {
  if (PLAIN.test(text)) return text.trim();
  return text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(TREACHEROUS, '')
    .trim();
}

/** Does the text hold a character that would not be shown as it is? */
export function isTreacherous(text: string): boolean {
  return text.search(TREACHEROUS) >= 0;
}

/** Characters that a reader sees: marks belong to the letter before them, and blanks in a row are one. */
export function countVisible(text: string): number {
  const seen = text.replace(TREACHEROUS, '').replace(/\p{M}/gu, '').replace(/\s+/gu, ' ').trim();
  return [...seen].length;
}

function showCode(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code <= 0xff) return SHORT[character] ?? `\\x${code.toString(16).padStart(2, '0')}`;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

const NARROWEST = /^[\p{Mn}\p{Me}]$/u;
const WIDE = new RegExp(
  '^[\\p{Emoji_Presentation}\\u1100-\\u115f\\u2e80-\\u303e\\u3041-\\ua4cf\\uac00-\\ud7a3\\uf900-\\ufaff' +
    '\\ufe30-\\ufe6f\\uff01-\\uff60\\uffe0-\\uffe6\\u{20000}-\\u{3fffd}]$',
  'u',
);

/** Columns that neutralised text takes in a terminal. */
export function measureColumns(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let columns = 0;
  for (const character of text) columns += columnsOf(character);
  return columns;
}

function columnsOf(character: string): number {
  if (PLAIN.test(character)) return 1;
  if (NARROWEST.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** Filled with blanks up to `columns`; longer text is left as it is. */
export function padColumns(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - measureColumns(text)));
}

/** At most `columns` wide; what was cut off shows as `…`. */
export function cutColumns(text: string, columns: number): string {
  if (measureColumns(text) <= columns) return text;
  let kept = '';
  let left = columns - 1;
  for (const character of text) {
    left -= columnsOf(character);
    if (left < 0) break;
    kept += character;
  }
  return columns > 0 ? `${kept}…` : '';
}

/** Lines of at most `columns`, broken at blanks; a word that is longer than a line stands alone, unbroken. */
export function wrapColumns(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').filter(Boolean)) {
    const longer = line ? `${line} ${word}` : word;
    if (line && measureColumns(longer) > columns) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return line ? [...lines, line] : lines;
}
