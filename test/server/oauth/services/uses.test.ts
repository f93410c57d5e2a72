import { describe, expect, it } from 'vitest';
import { createUses } from '../../../../src/server/oauth/services/uses.ts';

function open() {
  const written: (readonly [string, number])[] = [];
  let now = 10_000;
  let isAway = false;
  const told: unknown[] = [];
  const record = createUses({
    onError: (error) => told.push(error),
    clock: { now: () => now },
    store: {
      recordUse: async (id, at) => {
        if (isAway) throw new Error('the store is away');
        written.push([id, at]);
      },
    },
  });
  return {
    written,
    told,
    record,
    pass: (ms: number) => {
      now += ms;
    },
    setAway: (is: boolean) => {
      isAway = is;
    },
  };
}

describe('uses of a grant', () => {
  it('are written once in two seconds, each grant for itself', async () => {
    const { written, record, pass } = open();
    await record('gr_1');
    pass(1_999);
    await record('gr_1');
    await record('gr_2');
    pass(1);
    await record('gr_1');
    expect(written).toEqual([
      ['gr_1', 10_000],
      ['gr_2', 11_999],
      ['gr_1', 12_000],
    ]);
  });

  it('are written by the next one where the store was away, and after the clock was set back', async () => {
    const { written, told, record, pass, setAway } = open();
    setAway(true);
    await record('gr_1');
    expect(told).toEqual([new Error('the store is away')]);
    setAway(false);
    await record('gr_1');
    pass(-3_600_000);
    await record('gr_1');
    expect(written).toEqual([
      ['gr_1', 10_000],
      ['gr_1', -3_590_000],
    ]);
  });
});
