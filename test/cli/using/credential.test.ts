import { describe, expect, it } from 'vitest';
import { runProgram } from '../../../src/cli/program.ts';
import { keep } from '../../../src/client/held.ts';
import { EMPTY_CREDENTIAL } from '../../../src/core/credential.ts';
import { fail } from '../../../src/core/errors.ts';
import { createTestWorld, type TestWorld } from '../../support/fakes/cli-world.ts';
import { SERVER } from '../../support/fakes/client-parts.ts';
import {
  buildClaimed,
  buildGrantView,
  buildRequestView,
  MINUTE_MS,
  unreachable,
} from '../../support/fakes/fake-backend.ts';

const KUBERNETES = ['credential', 'kubernetes'];

async function hold(world: TestWorld, target: string): Promise<void> {
  const grant = buildGrantView({ id: `gr_${target}`, target });
  await keep(world.parts, buildClaimed({ grant, credential: EMPTY_CREDENTIAL }));
}

describe('jit credential', () => {
  it('prints the document alone, on one line', async () => {
    const world = createTestWorld({ interactive: true });
    await hold(world, 'cluster');
    expect(await runProgram(KUBERNETES, world)).toBe(0);
    expect(world.terminal.printed).toMatch(/^\{.*\}\n?$/);
    expect(JSON.parse(world.terminal.printed)).toMatchObject({
      kind: 'ExecCredential',
      status: { token: 'token-1' },
    });
    expect(world.terminal.told).toEqual([]);
    expect(world.parts.backend.calls).toEqual([]);
  });

  it('takes the grant that --on or --scope names, and never asks which', async () => {
    const world = createTestWorld({ interactive: true });
    await hold(world, 'cluster');
    await hold(world, 'orders');
    expect(await runProgram(KUBERNETES, world)).toBe(2);
    expect(world.terminal.told).toEqual([
      'jit: more than one live grant fits: cluster · prod:db.read, orders · prod:db.read; choose one with --on cluster|orders',
    ]);
    expect(await runProgram([...KUBERNETES, '--on', 'cluster'], world)).toBe(0);
    expect(world.terminal.asked).toEqual([]);
  });

  it.each([
    [[], 'jit request'],
    [['--on', 'orders'], 'jit request --last'],
    [['--on', 'orders', '--profile', 'staging'], 'jit request --last --profile staging'],
  ])('without a grant is 6 and one line that ends with the command: %j', async (flags, command) => {
    const world = createTestWorld({ interactive: true });
    expect(await runProgram([...KUBERNETES, ...flags], world)).toBe(6);
    expect(world.terminal.told).toHaveLength(1);
    expect(world.terminal.told[0]).toMatch(/^jit: no live grant/);
    expect(world.terminal.told[0]?.endsWith(`; ${command}`)).toBe(true);
    expect(world.terminal.printed).toBe('');
    expect(world.logins()).toBe(0);
  });

  it.each([
    ['a locked keychain', fail('keychain_locked', { why: 'a test' }), 4],
    ['a keychain that hangs', fail('keychain_hanging', { afterMs: 2_500 }), 4],
    ['a session that is over', fail('session_expired', { server: SERVER }), 4],
    ['nobody there', unreachable, 8],
  ])('with %s says so in one line, and logs nobody in', async (_what, error, exitCode) => {
    const world = createTestWorld({ interactive: true, keychain: { get: () => Promise.reject(error) } });
    await hold(world, 'cluster');
    expect(await runProgram(KUBERNETES, world)).toBe(exitCode);
    expect(world.terminal.told).toEqual([`jit: ${error.message}; ${error.hint}`]);
    expect(world.terminal.printed).toBe('');
    expect(world.logins()).toBe(0);
  });

  it('knows two kinds of document, and says which', async () => {
    const world = createTestWorld();
    expect(await runProgram(['credential', 'gcp'], world)).toBe(2);
    expect(world.terminal.told[0]).toContain('jit credential knows kubernetes and aws');
  });

  it('tells the world that nobody is there to answer', async () => {
    const world = createTestWorld({ interactive: true });
    let isUnattended: boolean | undefined;
    const connect: TestWorld['connect'] = async (choice) => {
      isUnattended = choice.isUnattended;
      return world.connect(choice);
    };
    await runProgram(KUBERNETES, { ...world, connect });
    expect(isUnattended).toBe(true);
  });
});

describe('jit request --last', () => {
  const REASON = ['--reason', 'INC-4211 slow checkout'];
  const submit = async () => ({ request: buildRequestView(), claimed: buildClaimed() });

  async function missing(flags: readonly string[]): Promise<{ world: TestWorld; asked: unknown[] }> {
    const asked: unknown[] = [];
    const backend = {
      submit: (asking: unknown) => {
        asked.push(asking);
        return submit();
      },
      listScopes: async () => [
        {
          name: 'prod:db.read',
          description: 'Read',
          sensitivity: 'low' as const,
          defaultSeconds: 1_800,
          maxSeconds: 3_600,
          targets: [{ name: 'orders', kind: 'token', outcome: 'automatic' as const, canApprove: [] }],
          minimumReasonLength: 0,
          needsTicket: false,
        },
      ],
    };
    const world = createTestWorld({ backend });
    await runProgram([...KUBERNETES, ...flags], world);
    return { world, asked };
  }

  it('asks exactly for what was missed', async () => {
    const { world, asked } = await missing(['--scope', 'prod:db.read', '--on', 'orders']);
    expect(await runProgram(['request', '--last', ...REASON], world)).toBe(0);
    expect(asked).toMatchObject([
      { scopes: ['prod:db.read'], target: 'orders', durationSeconds: 1_800, reason: REASON[1] },
    ]);
    expect(world.terminal.told).toContain('asking for what jit credential wanted: orders · prod:db.read');
  });

  it('asks for as long as the grant that has ended was asked for, unless --for says otherwise', async () => {
    const { world, asked } = await missing([]);
    const before = buildRequestView({ durationSeconds: 600 });
    await keep(world.parts, buildClaimed({ request: before }));
    await world.parts.clock.advance(31 * MINUTE_MS);
    await runProgram([...KUBERNETES, '--on', 'orders'], world);
    await runProgram(['request', '--last', ...REASON], world);
    await runProgram(['request', '--last', '--for', '20m', ...REASON], world);
    expect(asked).toMatchObject([{ durationSeconds: 600 }, { durationSeconds: 1_200 }]);
  });

  it('is not mixed with a scope or a target, and has nothing to say where nothing was missed', async () => {
    const { world, asked } = await missing(['--on', 'orders']);
    expect(await runProgram(['request', 'prod:db.read', '--last', ...REASON], world)).toBe(2);
    expect(await runProgram(['request', '--last', '--on', 'orders', ...REASON], world)).toBe(2);
    const told = world.terminal.told.filter((line) => line.includes('--last brings scope and target'));
    expect(told).toHaveLength(2);
    const fresh = createTestWorld();
    expect(await runProgram(['request', '--last', ...REASON], fresh)).toBe(2);
    expect(fresh.terminal.told[0]).toContain('no jit credential missed a grant');
    expect(asked).toEqual([]);
  });
});
