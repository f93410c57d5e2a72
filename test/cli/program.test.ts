import { describe, expect, it } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import { fail } from '../../src/core/errors.ts';
import { createTestWorld } from '../support/fakes/cli-world.ts';
import {
  buildClaimed,
  buildEndedGrant,
  buildGrantView,
  buildRequestView,
  buildStatus,
} from '../support/fakes/fake-backend.ts';

const READ = ['request', 'prod:db.read', '--on', 'orders', '--for', '30m', '--reason', 'INC-4211 slow'];
const over = fail('session_expired', { server: 'https://jit.example.com' });
const granting = { submit: async () => ({ request: buildRequestView(), claimed: buildClaimed() }) };

describe('a command line', () => {
  it('prints the version and the help on stdout', async () => {
    const world = createTestWorld();
    expect(await runProgram(['--version'], world)).toBe(0);
    expect(world.terminal.printed).toBe('1.2.3\n');
    expect(await runProgram(['request', '--help'], world)).toBe(0);
    expect(world.terminal.printed).toContain('--break-glass');
    expect(world.terminal.told).toEqual([]);
  });

  it.each([
    [['help'], 'Usage: jit [options]'],
    [['help', '--help'], 'Usage: jit [options]'],
    [['help', '-h'], 'Usage: jit [options]'],
    [['help', 'help'], 'Usage: jit [options]'],
    [['help', 'request'], 'Usage: jit request'],
    [['help', 'exec', '--help'], 'Usage: jit exec'],
  ])('that asks for help gets it: %j', async (argv, expected) => {
    const world = createTestWorld();
    expect(await runProgram(argv, world)).toBe(0);
    expect(world.terminal.printed).toContain(expected);
    expect(world.terminal.told).toEqual([]);
  });

  it('that asks for help about what there is not is told so', async () => {
    const world = createTestWorld();
    expect(await runProgram(['help', 'frobnicate'], world)).toBe(2);
    expect(world.terminal.told[0]).toBe("✖ unknown command 'frobnicate'");
  });

  it.each([
    [['frobnicate'], 2],
    [['request', '--fro'], 2],
    [['exec', '--fro', '--', 'true'], 125],
    [['exec'], 125],
  ])('that cannot be understood is refused before anything happens: %j', async (argv, exitCode) => {
    const world = createTestWorld();
    expect(await runProgram(argv, world)).toBe(exitCode);
    expect(world.terminal.told[0]).toMatch(/^✖ /);
    expect(world.parts.backend.calls).toEqual([]);
  });

  it.each([
    [['request', '--fro'], 'jit request --help'],
    [['approve', '--watch'], 'jit approve --help'],
    [['exec'], 'jit exec --help'],
    [['exec', '--for', '10m', '--', 'true'], 'add --scope prod:db.read'],
    [['frobnicate'], 'jit --help'],
  ])('that cannot be understood ends with the help of its command: %j', async (argv, hint) => {
    const world = createTestWorld({ backend: { listScopes: async () => [] } });
    await runProgram(argv, world);
    expect(world.terminal.told.at(-1)).toBe(`  ${hint}`);
  });

  it('that completes for no shell is told which there are', async () => {
    const world = createTestWorld();
    expect(await runProgram(['completion'], world)).toBe(2);
    expect(world.terminal.told).toEqual([
      '✖ for which shell? jit completion bash, zsh or fish',
      '  jit completion --help',
    ]);
  });

  it('is told of no default that is nothing, and of a number as one', async () => {
    const world = createTestWorld();
    await runProgram(['approve', '--help'], world);
    expect(world.terminal.printed).not.toContain('default');
    await runProgram(['history', '--help'], world);
    expect(world.terminal.printed).toContain('(default: 20)');
  });

  it('puts the error on stdout as a document where that was asked for', async () => {
    const world = createTestWorld();
    expect(await runProgram(['whoami', '--json'], world)).toBe(8);
    expect(JSON.parse(world.terminal.printed)).toMatchObject({ error: { code: 'unreachable' } });
  });

  it('takes a --json after the dashes for the child’s', async () => {
    const world = createTestWorld();
    expect(await runProgram(['exec', '--', 'curl', '--json'], world)).toBe(125);
    expect(world.terminal.printed).toBe('');
  });
});

describe('a session that is over', () => {
  it('is renewed on a terminal, and the command goes on', async () => {
    let attempts = 0;
    const submit = async () => {
      attempts += 1;
      if (attempts === 1) throw over;
      return granting.submit();
    };
    const readPerson = async () => ({
      subject: 'dev:dev',
      name: 'dev',
      kind: 'person' as const,
      groups: [],
      login: { method: 'device' as const, at: 0 },
    });
    const world = createTestWorld({ interactive: true, backend: { submit, readPerson } });
    expect(await runProgram(READ, world)).toBe(0);
    expect(world.logins()).toBe(1);
    expect(world.terminal.told.join('\n')).toContain('code     BCDF-GHJK');
  });

  it('is 4 without one', async () => {
    const world = createTestWorld({ backend: { submit: () => Promise.reject(over) } });
    expect(await runProgram(READ, world)).toBe(4);
    expect(world.logins()).toBe(0);
  });
});

describe('jit done', () => {
  it('tells what was seen, and is 7 where the target is not confirmed', async () => {
    const removing = buildEndedGrant({
      state: 'revoking',
      revocation: {
        token: 'revoked',
        target: 'removing',
        confirmed: false,
        attempts: 3,
        lastError: 'connection refused',
        sessionsEnded: 0,
      },
    });
    const world = createTestWorld({
      backend: {
        readStatus: async () => buildStatus({ grants: [buildGrantView()] }),
        revoke: async () => removing,
      },
    });
    expect(await runProgram(['done'], world)).toBe(7);
    const told = world.terminal.told.join('\n');
    expect(told).toContain('✔ token revoked … access not removed yet · orders · prod:db.read');
    expect(told).toContain('✖ gr_1: revocation is not confirmed yet: connection refused');
  });

  it('is 7 under --json too, with the document', async () => {
    const world = createTestWorld({
      backend: {
        revoke: async () =>
          buildEndedGrant({ revocation: { ...buildGrantView().revocation, token: 'revoked' } }),
      },
    });
    expect(await runProgram(['done', 'gr_1', '--json'], world)).toBe(7);
    expect(JSON.parse(world.terminal.printed)).toMatchObject({
      grants: [{ revocation: { confirmed: false } }],
    });
  });
});

describe('jit status --watch', () => {
  it('shows it again every two seconds until Ctrl-C, which is 130', async () => {
    const world = createTestWorld({ backend: { readStatus: async () => buildStatus() } });
    const watching = runProgram(['status', '--watch'], world);
    await world.parts.clock.untilSleeping();
    await world.parts.clock.advance(4_000);
    world.interruptNow();
    expect(await watching).toBe(130);
    expect(world.terminal.printed.match(/nothing held/g)).toHaveLength(3);
  });
});

describe('jit login', () => {
  const backend = {
    readPerson: async () => ({
      subject: 'dev:dev',
      name: 'dev',
      kind: 'person' as const,
      groups: [],
      login: { method: 'device' as const, at: 0 },
    }),
    listScopes: async () => [],
  };

  it('makes the first server the default profile', async () => {
    const world = createTestWorld({ backend });
    expect(await runProgram(['login', 'https://jit.example.com'], world)).toBe(0);
    expect(world.config()).toEqual({
      defaultProfile: 'default',
      profiles: { default: { server: 'https://jit.example.com' } },
    });
  });

  it('leaves the default profile to its server, and says how to use the other', async () => {
    const profiles = { default: { server: 'https://first.example.com' } };
    const world = createTestWorld({ backend, config: { defaultProfile: 'default', profiles } });
    await runProgram(['login', 'https://jit.example.com'], world);
    expect(world.config().profiles).toEqual({
      ...profiles,
      'jit.example.com': { server: 'https://jit.example.com' },
    });
    expect(world.terminal.told.at(-1)).toContain('--profile jit.example.com');
  });
});
