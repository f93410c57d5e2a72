import { describe, expect, it } from 'vitest';
import { createTurnover, useHeld } from '../../../src/server/reload/turnover.ts';
import { createFakeClock } from '../../support/fakes/fake-clock.ts';

function open() {
  const retired: string[] = [];
  const errors: unknown[] = [];
  const clock = createFakeClock(0);
  const turnover = createTurnover('first', {
    clock,
    patienceMs: 1_000,
    onError: (error) => errors.push(error),
  });
  const replace = (next: string): void =>
    turnover.replace(next, async (before) => {
      retired.push(before);
    });
  return { turnover, replace, retired, errors, clock };
}

/** Lets everything happen that needs no time. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('what takes the place of something in use', () => {
  it('is held from then on, while who held the other goes on with it', () => {
    const { turnover, replace } = open();
    const held = turnover.hold();
    replace('second');
    expect([held.value, turnover.current(), turnover.hold().value]).toEqual(['first', 'second', 'second']);
  });

  it('retires the one before at once when nobody holds it', async () => {
    const { replace, retired } = open();
    replace('second');
    await settle();
    expect(retired).toEqual(['first']);
  });

  it('retires the one before only when the last one let go, who may let go twice', async () => {
    const { turnover, replace, retired } = open();
    const [one, other] = [turnover.hold(), turnover.hold()];
    replace('second');
    one.release();
    one.release();
    await settle();
    expect(retired).toEqual([]);
    other.release();
    await settle();
    expect(retired).toEqual(['first']);
  });

  it('retires it also when somebody never lets go, after so long', async () => {
    const { turnover, replace, retired, clock } = open();
    turnover.hold();
    replace('second');
    await clock.advance(999);
    await settle();
    expect(retired).toEqual([]);
    await clock.advance(1);
    await settle();
    expect(retired).toEqual(['first']);
  });

  it('does not keep a server that stops', async () => {
    const { turnover, replace, retired } = open();
    turnover.hold();
    replace('second');
    await turnover.settle();
    expect(retired).toEqual(['first']);
  });

  it('says what went wrong, and goes on', async () => {
    const { turnover, errors } = open();
    turnover.replace('second', () => Promise.reject(new Error('it would not close')));
    await turnover.settle();
    expect([errors, turnover.current()]).toEqual([[new Error('it would not close')], 'second']);
  });
});

describe('what is used', () => {
  it('is let go however that ends', async () => {
    const { turnover, replace, retired } = open();
    await expect(useHeld(turnover, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await useHeld(turnover, async (value) => value)).toBe('first');
    replace('second');
    await settle();
    expect(retired).toEqual(['first']);
  });
});
