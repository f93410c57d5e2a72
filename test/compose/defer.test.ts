import { describe, expect, it } from 'vitest';
import { defer, once } from '../../src/compose/defer.ts';

describe('what is opened at its first use', () => {
  it('is not opened before, and once for all its methods, also when they are called at the same moment', async () => {
    let opened = 0;
    const load = async () => {
      opened += 1;
      return { double: async (value: number) => value * 2, name: async () => 'jit' };
    };
    const deferred = defer(load, ['double', 'name']);
    expect(opened).toBe(0);
    expect(await Promise.all([deferred.double(21), deferred.name()])).toEqual([42, 'jit']);
    expect([await deferred.double(2), opened]).toEqual([4, 1]);
  });

  it('keeps what belongs to it', async () => {
    const counter = {
      count: 0,
      async next(): Promise<number> {
        this.count += 1;
        return this.count;
      },
    };
    const { next } = defer(async () => counter, ['next']);
    expect([await next(), await next()]).toEqual([1, 2]);
  });

  it('is tried again after it could not be opened', async () => {
    const attempts: string[] = [];
    const open = once(async () => {
      attempts.push('tried');
      if (attempts.length === 1) throw new Error('not now');
      return 'open';
    });
    await expect(open()).rejects.toThrow('not now');
    expect([await open(), await open(), attempts.length]).toEqual(['open', 'open', 2]);
  });
});
