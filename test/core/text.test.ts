import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  countVisible,
  cutColumns,
  formatJson,
  isTreacherous,
  measureColumns,
  neutralise,
  padColumns,
  removeHidden,
  wrapColumns,
} from '../../src/core/text.ts';

const hostile: readonly (readonly [string, string, string])[] = [
  ['a colour', '\x1b[31mred', '\\x1b[31mred'],
  ['a cleared screen', 'a\x1b[2J\x1b[Hb', 'a\\x1b[2J\\x1b[Hb'],
  ['a window title', '\x1b]0;owned\x07', '\\x1b]0;owned\\x07'],
  ['a hyperlink', '\x1b]8;;https://evil.example\x1b\\x', '\\x1b]8;;https://evil.example\\x1b\\x'],
  ['an 8-bit control sequence', '\x9b31m', '\\x9b31m'],
  ['an overwritten line', 'denied\rapproved', 'denied\\rapproved'],
  ['a forged line', 'x\n✔ approved', 'x\\n✔ approved'],
  ['a tab', 'a\tb', 'a\\tb'],
  ['a backspace', 'no\b\byes', 'no\\x08\\x08yes'],
  ['a null and a delete', '\0\x7f', '\\x00\\x7f'],
  ['an override of direction', 'a\u202egpj.exe', 'a\\u202egpj.exe'],
  ['an isolate of direction', '\u2066x\u2069', '\\u2066x\\u2069'],
  ['an Arabic letter mark', '\u061c', '\\u061c'],
  ['a name that only looks the same', 'db\u200ba', 'db\\u200ba'],
  ['joiners', 'a\u200c\u200d\u2060b', 'a\\u200c\\u200d\\u2060b'],
  ['a byte order mark', '\ufeffx', '\\ufeffx'],
  ['a soft hyphen', 'a\u00adb', 'a\\xadb'],
  ['separators of lines and paragraphs', 'a\u2028b\u2029c', 'a\\u2028b\\u2029c'],
  ['invisible tags', 'x\u{e0041}', 'x\\u{e0041}'],
  ['a variation that hides data', 'x\u{e0101}', 'x\\u{e0101}'],
  ['half a character', 'x\ud800', 'x\\ud800'],
  ['a noncharacter', '\ufdd0\ufffe', '\\ufdd0\\ufffe'],
  ['a letter that looks empty', '\u3164', '\\u3164'],
  ['other letters that look empty', '\u115f\u1160\uffa0\u17b4', '\\u115f\\u1160\\uffa0\\u17b4'],
  ['a pattern of no dots', '\u2800', '\\u2800'],
  ['a joiner of graphemes', 'a\u034fb', 'a\\u034fb'],
];

describe('neutralise', () => {
  it.each(hostile)('S12: shows %s instead of doing it', (_, text, shown) => {
    expect(neutralise(text)).toBe(shown);
  });

  it('S12: leaves no control character, whichever it is', () => {
    const every = Array.from({ length: 0xa0 }, (_, code) => String.fromCharCode(code)).join('');
    expect(neutralise(every)).not.toMatch(/[\0-\x1f\x7f-\x9f]/);
    expect(stripVTControlCharacters(neutralise(every))).toBe(neutralise(every));
  });

  it('leaves what people write as it is', () => {
    const text = 'INC-4211: søk “Überprüfung” – 支払い ✔ 🚀 café עברית \\n';
    expect(neutralise(text)).toBe(text);
  });

  it('changes nothing the second time', () => {
    for (const [, text] of hostile) expect(neutralise(neutralise(text))).toBe(neutralise(text));
  });
});

describe('formatJson', () => {
  it('S12: is read back as it was, and holds nothing that a terminal acts upon', () => {
    const hostile = { '\u001b[2J': ['\u009b31m', '\u202eevil', '\u{e0041}', '\u007f', 'Zoë 🙂', 'a\nb'] };
    for (const indent of [0, 2]) {
      const text = formatJson(hostile, indent);
      expect(JSON.parse(text)).toEqual(hostile);
      expect(isTreacherous(text.replaceAll('\n', ''))).toBe(false);
      expect(text).toContain('Zoë');
    }
  });
});

describe('removeHidden', () => {
  it.each([
    ['laptop-7', 'laptop-7'],
    ['two\r\nlines\u2028and\u2029more', 'two lines and more'],
    ['\u001b[31mred\u001b[0m', '[31mred [0m'],
    ['\u202ecod.exe\u202c \u2066x\u2069', 'cod.exe x'],
    ['zero\u200bwidth\ufeff', 'zerowidth'],
    ['\u0000\u0085\u009b', ''],
    ['Zoë 李 😀 ✔️', 'Zoë 李 😀 ✔️'],
  ])('S12: %j becomes %j', (given, shown) => {
    expect(removeHidden(given)).toBe(shown);
  });

  it('S12: leaves nothing that a terminal would show as an escape', () => {
    for (const [, text] of hostile) expect(neutralise(removeHidden(text))).toBe(removeHidden(text));
  });
});

describe('isTreacherous', () => {
  it.each(hostile)('S12: finds %s', (_, text) => {
    expect(isTreacherous(text)).toBe(true);
    expect(isTreacherous(text)).toBe(true);
  });

  it('finds nothing in what people write', () => {
    expect(isTreacherous('INC-4211: søk “Überprüfung” – 支払い ✔️ 🚀 café עברית')).toBe(false);
  });
});

describe('countVisible', () => {
  it.each([
    ['INC-4211 slow', 13],
    ['支払い', 3],
    ['\u3164'.repeat(10), 0],
    [`a${'\u0301'.repeat(9)}`, 1],
    [`a${'\u00a0'.repeat(8)}b`, 3],
    [' \u200b ', 0],
    ['🚀', 1],
  ])('%j has %i', (text, count) => {
    expect(countVisible(text)).toBe(count);
  });
});

describe('columns', () => {
  it.each([
    ['orders', 6],
    ['支払い', 6],
    ['cafe\u0301', 4],
    ['🚀', 2],
    ['✔', 1],
    ['', 0],
  ] as const)('%s takes %d', (text, columns) => {
    expect(measureColumns(text)).toBe(columns);
  });

  it('pads by what is seen, not by length', () => {
    expect(padColumns('支払', 6)).toBe('支払  ');
    expect(padColumns('orders', 3)).toBe('orders');
  });

  it('cuts so that the mark still fits', () => {
    expect(cutColumns('checkout', 5)).toBe('chec…');
    expect(cutColumns('支払い', 4)).toBe('支…');
    expect(cutColumns('orders', 6)).toBe('orders');
    expect(cutColumns('orders', 0)).toBe('');
  });

  it('wraps at blanks and leaves a long word whole', () => {
    expect(wrapColumns('read production data', 10)).toEqual(['read', 'production', 'data']);
    expect(wrapColumns('a https://jit.example.com b', 8)).toEqual(['a', 'https://jit.example.com', 'b']);
    expect(wrapColumns('', 8)).toEqual([]);
  });
});
