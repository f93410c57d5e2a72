import { describe, expect, it } from 'vitest';
import { runProgram } from '../../../src/cli/program.ts';
import type { ApprovalBackend } from '../../../src/core/ports/backend.ts';
import type { Selection } from '../../../src/core/view.ts';
import { createTestWorld, type TestWorld } from '../../support/fakes/cli-world.ts';
import {
  buildClaimed,
  buildEndedGrant,
  buildGrantView,
  buildRequestView,
  buildStatus,
} from '../../support/fakes/fake-backend.ts';

const mine = buildGrantView();
const theirs = buildGrantView({ id: 'gr_2', heldBy: 'eva' });

type TakingWorld = TestWorld & { readonly taken: readonly Selection[] };

function openWorld(
  live: readonly (typeof mine)[],
  { backend = {}, ...options }: Parameters<typeof createTestWorld>[0] = {},
): TakingWorld {
  const taken: Selection[] = [];
  const methods: Partial<ApprovalBackend> = {
    listRevocable: async () => live,
    readStatus: async () => buildStatus({ grants: [mine] }),
    readPerson: async () => ({
      subject: 'dev:dev',
      name: 'dev',
      kind: 'person',
      groups: [],
      login: { method: 'device', at: mine.claimedAt },
    }),
    revokeMany: async (selection) => {
      taken.push(selection);
      const grants = live.map(({ id, heldBy }) => buildEndedGrant({ id, heldBy, endedBecause: 'revoked' }));
      return { grants, cancelled: 2, sessionsEnded: 1 };
    },
    ...backend,
  };
  return Object.assign(createTestWorld({ ...options, backend: methods }), { taken });
}

describe('jit revoke of others', () => {
  it('shows whose and what, takes it after a yes, and tells what was seen', async () => {
    const world = openWorld([theirs], { interactive: true, answers: [true] });
    expect(await runProgram(['revoke', '--user', 'eva'], world)).toBe(0);
    expect(world.terminal.asked).toEqual([
      "Revoke eva's 1 live grant and every open request, and log eva out?",
    ]);
    expect(world.taken).toEqual([{ user: 'eva', target: null }]);
    expect(world.terminal.told).toEqual([
      expect.stringMatching(/^ {2}eva · orders · prod:db\.read · until /),
      '… taking the grant away, and waiting for proof',
      '✔ token revoked ✔ access removed · orders · prod:db.read · eva',
      '✔ 2 open requests cancelled',
      '✔ eva was logged out (1 session) and must log in again',
    ]);
  });

  it.each([
    [
      [theirs],
      ['--user', 'eva', '--target', 'orders'],
      "Revoke eva's 1 live grant on orders, and every open request there?",
    ],
    [[mine, theirs], ['--target', 'orders'], 'Revoke 2 live grants on orders, and every open request there?'],
    [[], ['--user', 'eva'], "Cancel eva's open requests, and log eva out?"],
    [[], ['--user', 'eva', '--target', 'orders'], "Cancel eva's open requests on orders?"],
  ])('asks of %j with %j: %s', async (live, words, question) => {
    const world = openWorld(live, { interactive: true, answers: [false] });
    expect(await runProgram(['revoke', ...words], world)).toBe(130);
    expect(world.terminal.asked).toEqual([question]);
  });

  it('marks what came of break-glass, before it is taken and after', async () => {
    const glass = { ...theirs, breakGlass: true };
    const world = openWorld([mine, glass], {
      interactive: true,
      answers: ['2'],
      backend: {
        revokeMany: async () => ({
          grants: [buildEndedGrant(), buildEndedGrant({ id: 'gr_2', heldBy: 'eva', breakGlass: true })],
          cancelled: 0,
          sessionsEnded: 0,
        }),
      },
    });
    expect(await runProgram(['revoke', '--everyone'], world)).toBe(0);
    const marked = world.terminal.told.filter((line) => line.includes('break-glass'));
    expect(marked).toEqual([
      expect.stringMatching(/^ {2}eva · orders · prod:db\.read · break-glass · until /),
      '✔ token revoked ✔ access removed · orders · prod:db.read · break-glass · eva',
    ]);
  });

  it('changes nothing without that yes', async () => {
    const typed = openWorld([theirs], { interactive: true, answers: [''] });
    expect(await runProgram(['revoke', '--target', 'orders'], typed)).toBe(130);
    const piped = openWorld([mine, theirs]);
    expect(await runProgram(['revoke', '--target', 'orders'], piped)).toBe(2);
    expect(piped.terminal.told.at(-1)).toBe('  add --yes');
    expect([...typed.taken, ...piped.taken]).toEqual([]);
    expect(await runProgram(['revoke', '--target', 'orders', '--yes'], piped)).toBe(0);
    expect(piped.taken).toEqual([{ user: null, target: 'orders' }]);
  });

  it('takes what is all one’s own on a target without a question', async () => {
    const world = openWorld([mine]);
    expect(await runProgram(['revoke', '--target', 'orders'], world)).toBe(0);
    // Nobody was asked: so nothing of others, of whom requests may be open there.
    expect(world.taken).toEqual([{ user: 'dev:dev', target: 'orders' }]);
    expect(world.terminal.told.at(-1)).toContain('only yours was taken');
    const meant = openWorld([mine]);
    expect(await runProgram(['revoke', '--target', 'orders', '--yes'], meant)).toBe(0);
    expect(meant.taken).toEqual([{ user: null, target: 'orders' }]);
  });

  it('wants the number of everybody’s grants typed', async () => {
    const world = openWorld([mine, theirs], { interactive: true, answers: ['1', '2'] });
    expect(await runProgram(['revoke', '--everyone', '--yes'], world)).toBe(0);
    expect(world.terminal.asked[0]).toContain('2 live grants. Type 2 to revoke them all');
    expect(world.terminal.told).toContain('2, or Ctrl-C');
    expect(world.taken).toEqual([{ user: null, target: null }]);
  });

  it('is 7 where one is not seen dead, with the document', async () => {
    const open = {
      ...buildEndedGrant({ id: 'gr_2' }),
      revocation: { ...mine.revocation, token: 'revoked' as const },
    };
    const backend: Partial<ApprovalBackend> = {
      revokeMany: async () => ({ grants: [buildEndedGrant(), open], cancelled: 0, sessionsEnded: 0 }),
    };
    const world = openWorld([mine, theirs], { backend });
    expect(await runProgram(['revoke', '--user', 'eva', '--yes'], world)).toBe(7);
    expect(world.terminal.told).toContain(
      '✖ gr_2: revocation is not confirmed yet: orders has not answered yet',
    );
    const asJson = openWorld([mine, theirs], { backend });
    expect(await runProgram(['revoke', '--user', 'eva', '--yes', '--json'], asJson)).toBe(7);
    expect(JSON.parse(asJson.terminal.printed)).toMatchObject({ cancelled: 0, sessions_ended: 0 });
  });

  it('takes the copy of this machine with it', async () => {
    const world = openWorld([mine], {
      backend: { submit: async () => ({ request: buildRequestView(), claimed: buildClaimed() }) },
    });
    await runProgram(
      ['request', 'prod:db.read', '--on', 'orders', '--for', '30m', '--reason', 'INC-4211'],
      world,
    );
    expect(Object.keys(world.parts.secrets())).toHaveLength(1);
    await runProgram(['revoke', '--target', 'orders'], world);
    expect(world.parts.secrets()).toEqual({});
  });

  it('is 6 where there is nothing', async () => {
    expect(await runProgram(['revoke', '--target', 'orders'], openWorld([]))).toBe(6);
    const nothing = async () => ({ grants: [], cancelled: 0, sessionsEnded: 0 });
    const world = openWorld([], { backend: { revokeMany: nothing } });
    expect(await runProgram(['revoke', '--user', 'nobody', '--yes'], world)).toBe(6);
    expect(world.terminal.told.slice(-2)).toEqual([
      '✖ there is nothing of nobody that you may take away; nothing was revoked',
      '  jit status shows what is yours',
    ]);
  });
});
