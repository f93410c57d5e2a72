import { describe, expect, it } from 'vitest';
import { runProgram } from '../../../src/cli/program.ts';
import type { World } from '../../../src/cli/world.ts';
import type { ReconcileReport } from '../../../src/core/reconciliation.ts';
import { createTestWorld } from '../../support/fakes/cli-world.ts';

const WHOLE: ReconcileReport = {
  isApplied: false,
  live: { orders: 2 },
  strays: [],
  missing: [],
  failures: [],
};
const STRAY = { target: 'orders', handle: 'jit_a_1', sessions: 1, grantId: 'gr_1', isRemoved: false };

async function run(report: Partial<ReconcileReport>, ...flags: readonly string[]) {
  const asked: Parameters<World['reconcile']>[0][] = [];
  const world = createTestWorld({
    reconcile: async (options) => {
      asked.push(options);
      return { ...WHOLE, ...report };
    },
  });
  const exitCode = await runProgram(['server', 'reconcile', ...flags], world);
  return { exitCode, asked, printed: world.terminal.printed };
}

describe('jit server reconcile', () => {
  it('only looks, unless it is told to apply', async () => {
    const looked = await run({}, '--config', 'jit.yaml');
    expect(looked).toMatchObject({ exitCode: 0, asked: [{ config: 'jit.yaml', apply: false }] });
    expect(looked.printed).toContain('orders: 2 live\nnothing is live that nobody holds');
    expect((await run({}, '--dry-run')).asked).toEqual([{ config: undefined, apply: false }]);
    expect((await run({}, '--apply')).asked).toEqual([{ config: undefined, apply: true }]);
    expect(await run({}, '--apply', '--dry-run')).toMatchObject({ exitCode: 2, asked: [] });
  });

  it('I1: ends with 7 while something is live that nobody holds, and says what, whose it was and who is in it', async () => {
    const { exitCode, printed } = await run({ strays: [STRAY] });
    expect(exitCode).toBe(7);
    expect(printed).toContain('  jit_a_1 at orders, made for gr_1, 1 in use: nobody holds it');
    expect(printed).toContain('1 are live that nobody holds; nothing was changed, --apply removes them');
  });

  it('says of each what became of it', async () => {
    const strays = [
      { ...STRAY, isRemoved: true },
      { ...STRAY, handle: 'jit_a_2', grantId: null, sessions: 0 },
    ];
    const failures = [{ target: 'orders', handle: 'jit_a_2', why: 'somebody \u001b[2J is in it' }];
    const { exitCode, printed } = await run({ isApplied: true, strays, failures }, '--apply');
    expect(exitCode).toBe(7);
    expect(printed).toContain('  jit_a_1 at orders, made for gr_1, 1 in use: removed');
    expect(printed).toMatch(/jit_a_2 at orders: still there: somebody [^\u001b]* is in it/);
    expect(printed).toContain('1 of 2 that nobody held are removed');
    expect((await run({ isApplied: true, strays: strays.slice(0, 1) }, '--apply')).exitCode).toBe(0);
  });

  it('ends with 8 where a target was not looked at, and shows what is missing elsewhere', async () => {
    const { exitCode, printed } = await run({
      failures: [{ target: 'billing', handle: null, why: 'connection refused' }],
      missing: [{ target: 'orders', handle: 'jit_a_3', grantId: 'gr_3' }],
    });
    expect(exitCode).toBe(8);
    expect(printed).toContain('billing: not looked at: connection refused');
    expect(printed).toContain('jit_a_3 of gr_3 is not at orders: jit wait on its request makes it again');
  });

  it('is one document for programs', async () => {
    const { printed, exitCode } = await run({ strays: [STRAY] }, '--json');
    expect(exitCode).toBe(7);
    expect(JSON.parse(printed)).toEqual({
      applied: false,
      live: { orders: 2 },
      strays: [{ target: 'orders', handle: 'jit_a_1', sessions: 1, grant_id: 'gr_1', removed: false }],
      missing: [],
      failures: [],
    });
  });
});
