import { describe, expect, it } from 'vitest';
import { doAll } from '../../../src/broker/pacing/do-all.ts';

const NUMBERS = Array.from({ length: 1000 }, (_, index) => index);

describe('doing it to many', () => {
  it('takes eight at a time, and answers in the order in which they were given', async () => {
    let running = 0;
    let most = 0;
    const { done, undone, why } = await doAll(NUMBERS, async (number) => {
      running += 1;
      most = Math.max(most, running);
      for (let turn = 0; turn <= number % 5; turn += 1) await Promise.resolve();
      running -= 1;
      return number * 2;
    });
    expect(most).toBe(8);
    expect(done).toEqual(NUMBERS.map((number) => number * 2));
    expect([undone, why]).toEqual([0, undefined]);
  });

  it('goes on past those that fail, and says how many and why', async () => {
    const { done, undone, why } = await doAll(NUMBERS, async (number) => {
      if (number % 3 === 0) throw new Error(`not ${number}`);
      return number;
    });
    expect(done).toEqual(NUMBERS.filter((number) => number % 3 !== 0));
    expect([undone, why]).toEqual([334, new Error('not 0')]);
  });

  it('gives up where nothing succeeds any more: a store that is away would be asked all day', async () => {
    let asked = 0;
    const { done, undone } = await doAll(NUMBERS, async (number) => {
      asked += 1;
      await Promise.resolve();
      if (number >= 100) throw new Error('the store is away');
      return number;
    });
    expect([done.length, undone]).toEqual([100, 900]);
    expect(asked).toBeLessThanOrEqual(140);
  });

  it('is done at once where there is nothing to do', async () => {
    expect(await doAll([], async () => 1)).toEqual({ done: [], undone: 0, why: undefined });
  });
});
