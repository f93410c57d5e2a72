import { describe, expect, it } from 'vitest';
import { createAttempts } from '../../../../src/server/oauth/login/attempts.ts';
import { createMemoryProtocolStore } from '../../../support/fakes/memory-protocol-store.ts';

const START_AT = Date.UTC(2026, 10, 21, 14, 0, 0);

function open() {
  const time = { now: START_AT };
  const clock = { now: () => time.now, monotonicMs: () => 0, sleep: async () => {} };
  const protocol = createMemoryProtocolStore();
  return { time, protocol, attempts: createAttempts({ protocol, clock }) };
}

const limit = (name: string, most: number) => ({ name, limit: most, windowSeconds: 60 });

describe('counting guesses', () => {
  it('DEV-10: lets exactly the limit through, of any number at once', async () => {
    const { attempts } = open();
    const begun = await Promise.all(Array.from({ length: 50 }, () => attempts.begin([limit('a', 7)])));
    expect(begun.filter((attempt) => attempt !== undefined)).toHaveLength(7);
  });

  it('DEV-10: holds across replicas, which share the store only', async () => {
    const { attempts, protocol } = open();
    const clock = { now: () => START_AT, monotonicMs: () => 0, sleep: async () => {} };
    const replica = createAttempts({ protocol, clock });
    await attempts.begin([limit('a', 2)]);
    await replica.begin([limit('a', 2)]);
    expect(await attempts.begin([limit('a', 2)])).toBeUndefined();
  });

  it('does not count a guess that was right', async () => {
    const { attempts } = open();
    for (let index = 0; index < 10; index += 1) await (await attempts.begin([limit('a', 1)]))?.succeed();
    expect(await attempts.begin([limit('a', 1)])).toBeDefined();
  });

  it('takes nothing from the other limits when one is reached', async () => {
    const { attempts } = open();
    await attempts.begin([limit('full', 1)]);
    expect(await attempts.begin([limit('other', 1), limit('full', 1)])).toBeUndefined();
    expect(await attempts.begin([limit('other', 1)])).toBeDefined();
  });

  it('begins anew with the next window', async () => {
    const { attempts, time } = open();
    await attempts.begin([limit('a', 1)]);
    time.now += 59_999;
    expect(await attempts.begin([limit('a', 1)])).toBeUndefined();
    time.now += 1;
    expect(await attempts.begin([limit('a', 1)])).toBeDefined();
  });
});
