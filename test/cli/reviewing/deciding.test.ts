import { describe, expect, it } from 'vitest';
import { runProgram } from '../../../src/cli/program.ts';
import { fail } from '../../../src/core/errors.ts';
import type { Approval, ApprovalBackend } from '../../../src/core/ports/backend.ts';
import { createTestWorld, type TestWorld } from '../../support/fakes/cli-world.ts';
import { buildGrantView, buildRequestView, MINUTE_MS } from '../../support/fakes/fake-backend.ts';
import {
  buildDossier,
  buildInbox,
  buildPendingView,
  buildReview,
  withReviews,
} from '../../support/fakes/fake-reviews.ts';

const both = buildPendingView({
  id: 'req_01abcdef',
  scopes: ['prod:db.read', 'prod:db.write'],
  originally: { scopes: ['prod:db.read', 'prod:db.write'], durationSeconds: 900 },
});
const other = buildPendingView({ id: 'req_01zzcdef' });
const third = buildPendingView({ id: 'req_01onlyxyz' });
const approved = { ...withReviews(both, [buildReview()]), state: 'approved' as const };

type Sent = { readonly id: string; readonly approval: Approval };

function openWorld(
  backend: Partial<ApprovalBackend> = {},
  options: Parameters<typeof createTestWorld>[0] = {},
): TestWorld & { readonly sent: readonly Sent[] } {
  const sent: Sent[] = [];
  const world = createTestWorld({
    ...options,
    backend: {
      readInbox: async () => buildInbox({ requests: [both, other, third] }),
      readDossier: async () => buildDossier({ request: both }),
      approve: async (id, approval) => {
        sent.push({ id, approval });
        return approved;
      },
      ...backend,
    },
  });
  return Object.assign(world, { sent });
}

const ALL = { scopes: null, durationSeconds: null, reason: null, digest: 'digest-1' };

describe('jit approve', () => {
  it('APR-03: approves what was looked at, whole, where nobody can be asked and --yes says so', async () => {
    const world = openWorld();
    expect(await runProgram(['approve', 'req_01abcdef', '--yes'], world)).toBe(0);
    expect(world.sent).toEqual([{ id: 'req_01abcdef', approval: ALL }]);
    expect(world.terminal.told.join('\n')).toContain('prod:db.read prod:db.write on orders for 15 min');
  });

  it.each([
    [[], 'Approve it?'],
    [['--for', '5m', '--json'], 'Approve it for 5 min instead of 15 min?'],
  ])('approves nothing because nobody can be asked, and names the flag: %j', async (flags, question) => {
    const world = openWorld();
    expect(await runProgram(['approve', 'req_01abcdef', ...flags], world)).toBe(2);
    expect(world.sent).toEqual([]);
    expect(world.terminal.told.slice(-2)).toEqual([
      `✖ the answer to "${question}" is missing, and there is no terminal to ask on`,
      '  add --yes, or --digest with what jit inbox --json shows',
    ]);
  });

  it('APR-03: takes the digest of what a script read for the answer', async () => {
    const world = openWorld();
    expect(await runProgram(['approve', 'req_01abcdef', '--digest', 'of-what-was-read'], world)).toBe(0);
    expect(world.sent[0]?.approval.digest).toBe('of-what-was-read');
  });

  it('APR-05: sends less where less was said', async () => {
    const world = openWorld();
    const narrow = ['--for', '10m', '--without', 'prod:db.write', '--reason', 'reading will do', '--yes'];
    expect(await runProgram(['approve', 'req_01abcdef', ...narrow], world)).toBe(0);
    expect(world.sent[0]?.approval).toEqual({
      scopes: ['prod:db.read'],
      durationSeconds: 600,
      reason: 'reading will do',
      digest: 'digest-1',
    });
  });

  it.each([
    [['--only', 'prod:api.read'], 'prod:api.read was not asked for'],
    [['--without', 'prod:db.read,prod:db.write'], 'nothing would be left'],
    [['--without', 'prod:db.read', '--only', 'prod:db.read'], 'leave one out'],
    [['--for', '10'], 'has no unit'],
    [['--for', '2h'], '2 h is more than the 15 min that were asked for'],
  ])('is a usage error where it means nothing: %j', async (flags, why) => {
    const world = openWorld();
    expect(await runProgram(['approve', 'req_01abcdef', ...flags], world)).toBe(2);
    expect(world.terminal.told.join('\n')).toContain(why);
    expect(world.sent).toEqual([]);
  });

  it('asks on a terminal whether it is meant, and enter means no', async () => {
    const world = openWorld({}, { interactive: true, answers: [''] });
    expect(await runProgram(['approve', 'req_01abcdef', '--for', '5m'], world)).toBe(130);
    expect(world.terminal.asked).toEqual(['Approve it for 5 min instead of 15 min?']);
    expect(world.sent).toEqual([]);
    world.terminal.answer(true);
    expect(await runProgram(['approve', 'req_01abcdef'], world)).toBe(0);
    expect(await runProgram(['approve', 'req_01abcdef', '--yes'], world)).toBe(0);
    expect(world.terminal.asked).toHaveLength(2);
    expect(world.sent).toHaveLength(2);
  });

  it('shows what changed meanwhile, and asks again', async () => {
    const changed = { ...both, digest: 'digest-2' };
    const dossiers = [buildDossier({ request: both }), buildDossier({ request: changed })];
    const sent: string[] = [];
    const world = openWorld(
      {
        readDossier: async () => dossiers.shift() ?? buildDossier(),
        approve: async (id, { digest }) => {
          sent.push(digest);
          if (digest === 'digest-1') throw fail('request_changed', { id });
          return approved;
        },
      },
      { interactive: true, answers: [true, true] },
    );
    expect(await runProgram(['approve', 'req_01abcdef'], world)).toBe(0);
    expect(sent).toEqual(['digest-1', 'digest-2']);
  });

  it('finds a request by its last characters, and guesses nothing', async () => {
    const world = openWorld();
    expect(await runProgram(['approve', 'ABCDEF', '--yes'], world)).toBe(0);
    expect(await runProgram(['approve', 'cdef'], world)).toBe(2);
    expect(world.terminal.told.join('\n')).toContain(
      'more than one request fits: req_01abcdef, req_01zzcdef',
    );
    expect(await runProgram(['approve', 'xyz'], world)).toBe(2);
    expect(world.terminal.told.join('\n')).toContain('"xyz" is too short');
    expect(await runProgram(['approve', 'nothere'], world)).toBe(1);
    expect(world.terminal.told.slice(-2)).toEqual([
      '✖ there is no request in your inbox that ends in "nothere"',
      '  jit inbox lists what waits for you',
    ]);
    expect(await runProgram(['approve'], world)).toBe(2);
    expect(world.sent.map(({ id }) => id)).toEqual(['req_01abcdef']);
  });

  it('lets one be picked on a terminal', async () => {
    const world = openWorld({}, { interactive: true, answers: [1, true] });
    expect(await runProgram(['approve'], world)).toBe(0);
    expect(world.parts.backend.calls).toContain('readDossier req_01zzcdef');
  });

  it('says what is still missing where one approval is not enough', async () => {
    const first = withReviews({ ...both, approvals: { needed: 2, given: 0, groups: ['security'] } }, [
      buildReview(),
    ]);
    const world = openWorld({ approve: async () => first });
    expect(await runProgram(['approve', 'req_01abcdef', '--yes'], world)).toBe(0);
    expect(world.terminal.told.slice(-2)).toEqual([
      '✔ your approval is given · orders · prod:db.read prod:db.write',
      '  1 of 2: dba-lead approved 0 s ago, somebody of security must',
    ]);
  });

  it('shows who asks, from where, why, what is unusual and what they did before; hostile text as text (S12)', async () => {
    const dossier = buildDossier({
      request: { ...both, reason: 'clear\u001b[2J the screen', ticket: 'INC-1\u202e', breakGlass: false },
      requester: { name: 'd\u0435v', kind: 'person', groups: ['engineers'] },
      unusual: ['nobody of this name asked for prod:db.write before'],
      earlier: [buildRequestView({ createdAt: both.createdAt - 60 * MINUTE_MS })],
      grants: [buildGrantView({ lastUsedAt: both.createdAt })],
      mayDecide: false,
      obstacle: 'policy wants somebody of security',
    });
    const world = openWorld({ readDossier: async () => dossier });
    await runProgram(['inbox', 'req_01abcdef'], world);
    expect(world.terminal.told).toEqual([
      'prod:db.read prod:db.write on orders for 15 min',
      '  who      d\u0435v (engineers)',
      '  reason   clear\\x1b[2J the screen',
      '  ticket   INC-1\\u202e',
      '  from     10.0.0.7, logged in by device 5 min ago',
      '  unusual  ! nobody of this name asked for prod:db.write before',
      '  policy   changing production data needs a dba',
      '  needs    dba-lead',
      expect.stringMatching(/^ {2}holds {4}orders · prod:db\.read until .* used 0 s ago$/),
      '  earlier  orders · prod:db.read, claimed, 1 h ago',
      '  request  req_01abcdef',
      expect.stringMatching(/^ {2}lapses {3}at .* \(1 h\)$/),
      '  https://jit.example.com/requests/req_1',
      '! you cannot decide on it: policy wants somebody of security',
    ]);
  });
});
