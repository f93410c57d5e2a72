import { describe, expect, it } from 'vitest';
import { runProgram } from '../../../src/cli/program.ts';
import { keep } from '../../../src/client/held.ts';
import { fail } from '../../../src/core/errors.ts';
import type { Submission } from '../../../src/core/ports/backend.ts';
import type { ScopeView } from '../../../src/core/view.ts';
import { createTestWorld, type TestWorldOptions } from '../../support/fakes/cli-world.ts';
import {
  buildClaimed,
  buildEndedGrant,
  buildGrantView,
  buildRequestView,
} from '../../support/fakes/fake-backend.ts';

const scope: ScopeView = {
  name: 'prod:db.read',
  description: 'Read production data',
  sensitivity: 'medium',
  defaultSeconds: 1_800,
  maxSeconds: 14_400,
  targets: [{ name: 'orders', kind: 'postgres', outcome: 'automatic', canApprove: [] }],
  minimumReasonLength: 10,
  needsTicket: true,
};
const EXEC = [
  'exec',
  '--scope',
  'prod:db.read',
  '--on',
  'orders',
  '--for',
  '5m',
  '--reason',
  'a slow checkout',
];

/** A server that wants a ticket, and grants at once. */
function createScene(
  options: Pick<TestWorldOptions, 'keychain'> & { readonly joined?: boolean; readonly exposed?: string } = {},
) {
  const asked: Submission[] = [];
  const world = createTestWorld({
    interactive: false,
    ...(options.keychain ? { keychain: options.keychain } : {}),
    processes: {
      onStart: (child) => {
        if (options.exposed !== undefined) child.order.onExposed?.(options.exposed);
        child.end(0);
      },
    },
    backend: {
      listScopes: async () => [scope],
      submit: async (submission) => {
        asked.push(submission);
        return { request: buildRequestView(), claimed: buildClaimed(), joined: options.joined ?? false };
      },
      revoke: async () => buildEndedGrant(),
    },
  });
  return { world, asked };
}

const locked = fail('keychain_locked', { why: 'a test' });
const LOCKED = { keychain: { set: () => Promise.reject(locked) } };
const WITH_TICKET = [...EXEC, '--ticket', 'INC-4211'];

describe('jit exec --for that joins what another command is giving back', () => {
  it('waits for that, and asks anew', async () => {
    const giving = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<void>();
    const first = buildClaimed();
    const joined = { request: first.request, claimed: first, joined: true };
    const anew = buildClaimed({
      request: buildRequestView({ id: 'req_2' }),
      grant: buildGrantView({ id: 'gr_2' }),
    });
    const answers = [
      { ...joined, joined: false },
      joined,
      { request: anew.request, claimed: anew, joined: false },
    ];
    const world = createTestWorld({
      interactive: false,
      processes: { onStart: (child) => child.end(0) },
      backend: {
        listScopes: async () => [scope],
        submit: async () => answers.shift() ?? joined,
        revoke: async (id) => {
          if (id === 'gr_1') giving.resolve();
          await answered.promise;
          return buildEndedGrant({ id });
        },
      },
    });
    const ending = runProgram([...WITH_TICKET, '--', 'true'], world);
    await giving.promise;
    const beginning = runProgram([...WITH_TICKET, '--', 'true'], world);
    await expect.poll(() => world.terminal.told.join('\n')).toContain('you hold this already');
    answered.resolve();
    expect(await Promise.all([ending, beginning])).toEqual([0, 0]);
    expect(answers).toEqual([]);
    expect(world.parts.processes.children.map(({ order }) => order.environment.JIT_GRANT_ID)).toEqual([
      'gr_1',
      'gr_2',
    ]);
    expect(world.parts.backend.calls.filter((call) => call.startsWith('revoke'))).toEqual([
      'revoke gr_1',
      'revoke gr_2',
    ]);
  });
});

describe('jit exec --for that cannot keep what was granted', () => {
  it('gives it back, and says so before it says why', async () => {
    const { world } = createScene(LOCKED);
    expect(await runProgram([...WITH_TICKET, '--', 'true'], world)).toBe(125);
    expect(world.parts.backend.calls).toContain('revoke gr_1');
    const told = world.terminal.told.join('\n');
    expect(told).toMatch(/gr_1 could not be kept here, and was given back\n✖ /);
    expect(world.parts.processes.children).toEqual([]);
  });

  it.each([
    ['which was asked for before', { ...LOCKED, joined: true }, WITH_TICKET],
    ['which is to stay', LOCKED, [...WITH_TICKET, '--keep']],
  ])('leaves one %s, and names it', async (_, options, words) => {
    const { world } = createScene(options);
    expect(await runProgram([...words, '--', 'true'], world)).toBe(125);
    expect(world.parts.backend.calls).not.toContain('revoke gr_1');
    expect(world.terminal.told.join('\n')).toContain(
      'gr_1 is live and could not be kept here: jit wait req_1 delivers it again, jit done gr_1 gives it back',
    );
  });

  it('names what it could not give back either', async () => {
    const { world } = createScene(LOCKED);
    const connect = async () => ({
      ...(await world.connect({})),
      giveBack: async () => ({ given: [], failures: [locked] }),
    });
    await runProgram([...WITH_TICKET, '--', 'true'], { ...world, connect });
    expect(world.terminal.told.join('\n')).toContain('gr_1 is live and could not be kept here');
  });
});

describe('jit request that cannot keep what was granted', () => {
  it('names it: it can be had again', async () => {
    const { world } = createScene(LOCKED);
    const words = ['request', 'prod:db.read', ...WITH_TICKET.slice(3)];
    expect(await runProgram(words, world)).toBe(4);
    expect(world.parts.backend.calls).not.toContain('revoke gr_1');
    expect(world.terminal.told.join('\n')).toContain('jit wait req_1 delivers it again');
  });
});

describe('jit exec --for', () => {
  it('names the ticket where policy wants one', async () => {
    const { world, asked } = createScene();
    expect(await runProgram([...EXEC, '--', 'true'], world)).toBe(125);
    expect(world.terminal.told.join(' ')).toContain('--ticket INC-4211');
    expect(await runProgram([...EXEC, '--ticket', 'INC-4211', '--', 'true'], world)).toBe(0);
    expect(asked).toMatchObject([{ ticket: 'INC-4211' }]);
  });
});

it.each([
  ['by whom', { endedBecause: 'revoked', endedBy: 'dba-lead' }, 'was revoked by dba-lead at 15:49'],
  ['by its holder elsewhere', { endedBecause: 'done' }, 'was given back at 15:49'],
  ['for being idle', { endedBecause: 'idle', idleSeconds: 300 }, 'has ended: nobody used it for 5 min'],
] as const)(
  'a command that fails is followed by the news that its access was ended %s',
  async (_, how, text) => {
    const endedAt = Date.parse('2026-11-21T14:49:00Z');
    const world = createTestWorld({
      recordsUse: true,
      processes: { onStart: (child) => child.end(2) },
      backend: { readGrant: async () => buildEndedGrant({ endedAt, ...how }) },
    });
    await keep(world.parts, buildClaimed());
    expect(await runProgram(['exec', '--', 'psql'], world)).toBe(2);
    expect(world.terminal.told).toEqual([`jit: this access ${text}`]);
  },
);

describe('S9: a secret that could be no file', () => {
  const withTicket = [...EXEC, '--ticket', 'INC-4211', '--', 'true'];

  it('is said to be in the environment', async () => {
    const { world } = createScene({ exposed: 'PGPASSWORD' });
    expect(await runProgram(withTicket, world)).toBe(0);
    expect(world.terminal.told.join('\n')).toContain('it is in the environment, as PGPASSWORD');
    const usual = createScene();
    await runProgram(withTicket, usual.world);
    expect(usual.world.terminal.told.join('\n')).not.toContain('PGPASSWORD');
  });

  it.each([
    [{ hasSecretFiles: false, expectsSecretFiles: true }, '✖ secret files', 'are they full?'],
    [{ hasSecretFiles: false, expectsSecretFiles: false }, '✔ secret files', 'no /proc here'],
    [{ hasSecretFiles: true }, '✔ secret files', 'in memory-only files'],
  ])('is noticed by jit doctor: %j', async (processes, ...shown) => {
    const world = createTestWorld({ processes });
    await runProgram(['doctor'], world);
    const line = world.terminal.printed.split('\n').find((text) => text.includes('secret files')) ?? '';
    for (const part of shown) expect(line).toContain(part);
  });
});
