import { describe, expect, it } from 'vitest';
import { runProgram } from '../../../src/cli/program.ts';
import { fail } from '../../../src/core/errors.ts';
import type { ApprovalBackend, Submission } from '../../../src/core/ports/backend.ts';
import { createTestWorld, type TestWorld } from '../../support/fakes/cli-world.ts';
import {
  buildClaimed,
  buildGrantView,
  buildRequestView,
  buildStatus,
  MINUTE_MS,
} from '../../support/fakes/fake-backend.ts';

const ASK = ['request', 'prod:db.read', '--on', 'orders', '--for', '30m', '--break-glass'];
const REASON = 'INC-4211 the shop is down';
const claimedAt = buildGrantView().claimedAt;
const glass = buildRequestView({
  breakGlass: true,
  told: ['slack'],
  afterwards: { dueAt: claimedAt + 60 * MINUTE_MS, state: 'due', by: null, reason: null, at: null },
});

function openWorld(
  options: Parameters<typeof createTestWorld>[0] = {},
): TestWorld & { readonly sent: readonly Submission[] } {
  const sent: Submission[] = [];
  const requireLong = ({ reason }: { readonly reason: string }): void => {
    if (reason.length < 20) throw fail('bad_reason', { why: 'is too short: 4 of at least 20 characters' });
  };
  const backend: Partial<ApprovalBackend> = {
    preview: async (asked) => {
      requireLong(asked);
      return {
        decision: { outcome: 'automatic', rule: 'on-call', reasons: [], advice: [], reviews: [] },
        canApprove: [],
      };
    },
    submit: async (submission) => {
      requireLong(submission);
      sent.push(submission);
      return { request: glass, claimed: buildClaimed({ request: glass }) };
    },
    ...options.backend,
  };
  return Object.assign(createTestWorld({ ...options, backend }), { sent });
}

describe('jit request --break-glass', () => {
  it('is asked for once the target was named again, and says what it set off', async () => {
    const world = openWorld({ interactive: true, answers: ['billing', 'orders'] });
    expect(await runProgram([...ASK, '--reason', REASON], world)).toBe(0);
    expect(world.terminal.asked).toEqual([
      "Type the target's name (orders) to go on",
      "Type the target's name (orders) to go on",
    ]);
    expect(world.sent).toMatchObject([{ breakGlass: true, reason: REASON }]);
    expect(world.terminal.told.slice(-3)).toEqual([
      expect.stringMatching(/^! break-glass · orders · prod:db\.read · until/),
      '  told on slack; it waits in the inbox of whoever may review it',
      expect.stringMatching(/^ {2}somebody else must review it by .* \(1 h\)$/),
    ]);
  });

  it('says that nobody was told where no channel has taken it', async () => {
    const request = { ...glass, told: [] };
    const claimed = buildClaimed({ request });
    const world = openWorld({ backend: { submit: async () => ({ request, claimed }) } });
    expect(await runProgram([...ASK, '--reason', REASON, '--confirm', 'orders'], world)).toBe(0);
    expect(world.terminal.told).toContain(
      '  no channel has been notified yet; it waits in the inbox of whoever may review it',
    );
    expect(world.terminal.told.join('\n')).not.toContain('is told');
  });

  it('asks for a longer reason as often as it takes, before anything is typed for nothing', async () => {
    const world = openWorld({ interactive: true, answers: ['still short', REASON, 'orders'] });
    expect(await runProgram([...ASK, '--reason', 'help'], world)).toBe(0);
    expect(world.terminal.told).toContain('! the reason is too short: 4 of at least 20 characters');
    expect(world.sent).toMatchObject([{ reason: REASON }]);
  });

  it('does not go as far as the confirmation where policy does not give it', async () => {
    const decision = { outcome: 'denied', rule: null, reasons: ['nobody'], advice: [], reviews: [] } as const;
    const world = openWorld({
      interactive: true,
      backend: { preview: async () => ({ decision, canApprove: [] }) },
    });
    expect(await runProgram([...ASK, '--reason', REASON], world)).toBe(3);
    expect(world.terminal.asked).toEqual([]);
    expect(world.sent).toEqual([]);
  });

  it.each([
    [[], 'add --confirm orders'],
    [['--confirm', 'billing'], '--confirm billing is not the target, which is orders'],
  ])('without a terminal wants the name in --confirm: %j', async (flags, why) => {
    const world = openWorld();
    expect(await runProgram([...ASK, '--reason', REASON, ...flags], world)).toBe(2);
    expect(world.terminal.told.join('\n')).toContain(why);
    expect(world.sent).toEqual([]);
  });
});

describe('jit status after break-glass', () => {
  it('marks the grant, and says what of mine is to be reviewed', async () => {
    const overdue = {
      ...glass,
      id: 'req_2',
      grantId: 'gr_2',
      afterwards: glass.afterwards && { ...glass.afterwards, state: 'overdue' as const },
    };
    const status = buildStatus({ requests: [glass, overdue], grants: [buildGrantView()] });
    const world = openWorld({ backend: { readStatus: async () => status } });
    expect(await runProgram(['status'], world)).toBe(0);
    const rows = world.terminal.printed.split('\n').map((line) => line.split(/\s{2,}/)[0]);
    expect(rows).toEqual([
      'active (break-glass)',
      'break-glass, review due',
      'break-glass, review overdue',
      '',
    ]);
    // What is granted already is nothing to wait for or to take back.
    expect((await world.parts.held()).requests).toEqual([]);
    expect(await runProgram(['cancel'], world)).toBe(6);
  });

  it('marks the grant when it was reviewed, too, and on more time', async () => {
    const grant = buildGrantView({ breakGlass: true });
    const later = buildRequestView({ id: 'req_3', extendsGrantId: grant.id });
    const backend: Partial<ApprovalBackend> = {
      readStatus: async () => buildStatus({ requests: [], grants: [grant] }),
      submit: async () => ({ request: later, claimed: buildClaimed({ request: later, grant }) }),
    };
    const world = openWorld({ backend });
    expect(await runProgram(['status'], world)).toBe(0);
    expect(world.terminal.printed).toMatch(/^active \(break-glass\) {2}orders /);
    expect(await runProgram([...ASK.slice(0, -1), '--reason', REASON], world)).toBe(0);
    expect(world.terminal.told.join('\n')).toMatch(/✔ .* · orders · prod:db\.read · break-glass · until /);
  });
});
