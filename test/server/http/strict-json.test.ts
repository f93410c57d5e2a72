import { describe, expect, it } from 'vitest';
import { parseStrictJson } from '../../../src/server/http/strict-json.ts';

const refusal = (why: string) =>
  expect.objectContaining({ code: 'bad_message', message: expect.stringContaining(why) });

describe('a JSON body', () => {
  it.each([
    '{"a":1,"b":{"a":2},"c":[{"a":3},{"a":4}]}',
    ' { "a" : "b:\\"c\\":{", "b:" : ["a","a"] } ',
    '[[],{},[{}]]',
    '"a"',
    '{"a":"\\\\","b":1}',
    'null',
  ])('is read as it is meant: %s', (text) => {
    expect(parseStrictJson(text)).toEqual(JSON.parse(text));
  });

  it.each([
    '{"duration_seconds":1,"duration_seconds":600}',
    '{"a":1,"b":2,"a" :3}',
    '{"a":1,"\\u0061":2}',
    '{"x":[{"a":1,"a":1}]}',
    '{"a":{"b":1},"c":2,"a":{}}',
    '{"__proto__":1,"__proto__":2}',
    '{"":1,"":2}',
    '{"\\"":1,"\\"":2}',
  ])('is refused with a name twice in one object: %s', (text) => {
    expect(() => parseStrictJson(text)).toThrow(refusal('a name twice'));
  });

  it('INP-01: is refused when it is too deep or has too many names, whatever its size', () => {
    const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
    expect(parseStrictJson(deep(16))).toBeDefined();
    for (const levels of [17, 32_000]) expect(() => parseStrictJson(deep(levels))).toThrow(refusal('deeper'));
    const wide = (names: number) =>
      `{${Array.from({ length: names }, (_, index) => `"n${index}":0`).join(',')}}`;
    expect(parseStrictJson(wide(256))).toBeDefined();
    expect(() => parseStrictJson(wide(257))).toThrow(refusal('more than 256 names'));
  });

  it('INP-01: is judged in no time, also where it is made to be slow', () => {
    const texts = [
      `"${'\\"'.repeat(32_000)}`,
      `"${'\\"'.repeat(32_000)}"`,
      '"'.repeat(65_536),
      `{${'"a":'.repeat(16_000)}`,
    ];
    const began = performance.now();
    for (const text of texts) {
      try {
        parseStrictJson(text);
      } catch (error) {
        expect(error).toMatchObject({ code: 'bad_message' });
      }
    }
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});
