import { describe, expect, it } from 'vitest';
import { createRecent } from '../../../src/server/oauth/recent.ts';

describe('what was found out lately', () => {
  it('is found again, and forgotten when told to', () => {
    const recent = createRecent<number>(2);
    recent.keep('a', 1);
    recent.keep('a', 2);
    expect(recent.find('a')).toBe(2);
    recent.forget('a');
    expect(recent.find('a')).toBeUndefined();
  });

  it('is as much as fits: what nobody asked for the longest goes first', () => {
    const recent = createRecent<number>(2);
    recent.keep('a', 1);
    recent.keep('b', 2);
    recent.find('a');
    recent.keep('c', 3);
    expect(['a', 'b', 'c'].map(recent.find)).toEqual([1, undefined, 3]);
  });
});
