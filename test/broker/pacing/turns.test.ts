import { describe, expect, it } from 'vitest';
import { createTurns } from '../../../src/broker/pacing/turns.ts';

/** Actions that end when they are told to. */
function openActions(most: number) {
  const inTurn = createTurns(most);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const start = (key: string, name: string): Promise<void> =>
    inTurn(key, () => {
      begun.push(name);
      return new Promise((resolve) => ends.set(name, resolve));
    });
  return { begun, start, end: (name: string) => ends.get(name)?.() };
}

describe('turns', () => {
  it('are taken by so many at a time, by the others in their order, under each key for itself', async () => {
    const { begun, start, end } = openActions(2);
    const first = start('a', 'a1');
    const all = [first, start('a', 'a2'), start('a', 'a3'), start('b', 'b1'), start('a', 'a4')];
    await Promise.resolve();
    expect(begun).toEqual(['a1', 'a2', 'b1']);
    end('a1');
    await first;
    await Promise.resolve();
    expect(begun).toEqual(['a1', 'a2', 'b1', 'a3']);
    for (const name of ['a2', 'a3', 'b1']) end(name);
    await Promise.all([all[1], all[2]]);
    await Promise.resolve();
    end('a4');
    await Promise.all(all);
    expect(begun).toEqual(['a1', 'a2', 'b1', 'a3', 'a4']);
  });

  it('come to each of ten thousand in order, also to those who came while others had theirs', async () => {
    const inTurn = createTurns(3);
    const done: number[] = [];
    const all = Array.from({ length: 10_000 }, async (_, index) => {
      if (index % 100 === 99) await Promise.resolve();
      await inTurn('a', async () => {
        done.push(index);
      });
    });
    await Promise.all(all);
    expect(done).toHaveLength(10_000);
    expect(new Set(done).size).toBe(10_000);
    const atOnce = done.filter((index) => index % 100 !== 99);
    expect(atOnce).toEqual(atOnce.toSorted((left, right) => left - right));
  });

  it('are passed on by an action that fails, and begin anew where nobody was left', async () => {
    const inTurn = createTurns(1);
    const failing = inTurn('a', () => Promise.reject(new Error('no')));
    const next = inTurn('a', async () => 'had its turn');
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('had its turn');
    expect(await inTurn('a', async () => 'again')).toBe('again');
  });
});
