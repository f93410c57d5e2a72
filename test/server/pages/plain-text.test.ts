import { describe, expect, it } from 'vitest';
import { neutralise } from '../../../src/server/pages/plain-text.ts';

describe('S12: text that someone else chose', () => {
  it.each([
    ['laptop-7', 'laptop-7'],
    ['two\r\nlines\u2028and\u2029more', 'two linesandmore'],
    ['\u001b[31mred\u001b[0m', '[31mred [0m'],
    ['\u202ecod.exe\u202c \u2066x\u2069', 'cod.exe x'],
    ['zero\u200bwidth\ufeff', 'zerowidth'],
    ['\u0000\u0085\u009b', ''],
    ['Zoë 李 😀', 'Zoë 李 😀'],
  ])('%j becomes %j', (given, shown) => {
    expect(neutralise(given)).toBe(shown);
  });
});
