import { describe, expect, it } from 'vitest';
import { runProgram } from '../../../src/cli/program.ts';
import { createTestWorld } from '../../support/fakes/cli-world.ts';
import { buildClaimed, buildGrantView, buildStatus } from '../../support/fakes/fake-backend.ts';
import { buildPendingView } from '../../support/fakes/fake-reviews.ts';

const ASK = ['request', 'prod:db.write', '--on', 'orders', '--no-wait'];
const SAME = ['--for', '15m', '--reason', 'INC-4211 totals'];
const askedAt = Date.parse('2026-11-21T13:41:00Z');
const pending = buildPendingView({ createdAt: askedAt, reason: 'INC-4211 totals', ticket: null });

/** A server at which the same was asked for before, if `joined`. */
const openWorld = (joined = true) =>
  createTestWorld({
    backend: {
      submit: async () => ({ request: pending, claimed: null, joined }),
      readRequest: async () => pending,
      follow: async () => ({ ...pending, state: 'approved' }),
      claim: async () => buildClaimed({ request: { ...pending, state: 'claimed' } }),
      listHistory: async () => buildStatus({ grants: [buildGrantView()] }),
    },
  });

const ADDS_NOTHING =
  '! you asked for this already at 14:41, for 15 min; this adds nothing to it: jit cancel req_1 first, to ask for something else';

describe('asking for what waits already', () => {
  it.each([
    ['another duration', ['--for', '20m', '--reason', 'INC-4211 totals']],
    ['another reason', ['--for', '15m', '--reason', 'INC-4211 totals, the other half']],
    ['another ticket', [...SAME, '--ticket', 'INC-4211']],
  ])('says that %s is not taken', async (_what, words) => {
    const world = openWorld();
    expect(await runProgram([...ASK, ...words], world)).toBe(5);
    expect(world.terminal.told[0]).toBe(ADDS_NOTHING);
  });

  it('says since when it waits, where it is the same question; and nothing where it is the first', async () => {
    const again = openWorld();
    await runProgram([...ASK, ...SAME], again);
    expect(again.terminal.told[0]).toBe('! you asked for this already at 14:41');
    const first = openWorld(false);
    await runProgram([...ASK, ...SAME], first);
    expect(first.terminal.told.join('\n')).not.toContain('already');
  });

  it('says so when more time is asked for, too', async () => {
    const world = openWorld();
    await runProgram(['extend', '--for', '20m', '--no-wait'], world);
    expect(world.terminal.told[0]).toBe(ADDS_NOTHING);
  });

  it('is marked in the document, also after waiting, and only there', async () => {
    const wait = ASK.filter((word) => word !== '--no-wait');
    for (const [words, joined] of [
      [ASK, true],
      [wait, true],
      [ASK, false],
    ] as const) {
      const world = openWorld(joined);
      await runProgram([...words, ...SAME, '--json'], world);
      expect(JSON.parse(world.terminal.printed).joined).toBe(joined || undefined);
    }
  });
});
