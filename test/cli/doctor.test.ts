import { describe, expect, it } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import { fail } from '../../src/core/errors.ts';
import { createTestWorld } from '../support/fakes/cli-world.ts';
import { SERVER } from '../support/fakes/client-parts.ts';
import { unreachable } from '../support/fakes/fake-backend.ts';

/** Marks and names, and what is said of the checks that are named. */
async function look(options: Parameters<typeof createTestWorld>[0]): Promise<{
  readonly exitCode: number;
  readonly marks: string;
  readonly said: (check: string) => string;
  readonly printed: string;
}> {
  const world = createTestWorld(options);
  const exitCode = await runProgram(['doctor'], world);
  const lines = world.terminal.printed.split('\n').filter((line) => /^[✔✖–]/.test(line));
  return {
    exitCode,
    marks: lines.map((line) => line[0]).join(''),
    said: (check) => lines.find((line) => line.slice(2).startsWith(check))?.slice(16) ?? '',
    printed: world.terminal.printed,
  };
}

describe('jit doctor', () => {
  it('asks the server, and blames nothing else where it does not answer', async () => {
    const { exitCode, marks, said, printed } = await look({ reachServer: () => Promise.reject(unreachable) });
    expect([exitCode, marks]).toEqual([1, '✔✔✖✔––✔✔']);
    expect(said('server')).toBe(unreachable.message);
    expect(said('session')).toBe('not checked: the server did not answer');
    expect(said('clock')).toBe('not checked: the server did not answer');
    expect(printed).toContain('look at the address, the network and the VPN');
    expect(printed).not.toContain('jit doctor');
  });

  it('blames the keychain for what the keychain does', async () => {
    const locked = fail('passphrase_needed', { why: 'there is no terminal to ask on' });
    const { exitCode, marks, said } = await look({ keychain: { probe: () => Promise.reject(locked) } });
    expect([exitCode, marks]).toEqual([1, '✔✔✔✖––✔✔']);
    expect(said('clock')).toBe('not checked: the keychain cannot be used');
  });

  it('compares no clock where nobody is logged in', async () => {
    const login = fail('login_needed', { server: SERVER });
    const refuse = (): Promise<never> => Promise.reject(login);
    const { marks, said } = await look({ backend: { readPerson: refuse, readStatus: refuse } });
    expect(marks).toBe('✔✔✔✔✖–✔✔');
    expect(said('clock')).toBe('not checked: nobody is logged in');
  });

  it('leaves what it did not look at out of its document', async () => {
    const world = createTestWorld({ reachServer: () => Promise.reject(unreachable) });
    expect(await runProgram(['doctor', '--json'], world)).toBe(1);
    const { findings } = JSON.parse(world.terminal.printed) as {
      readonly findings: readonly { readonly check: string; readonly ok: boolean }[];
    };
    expect(findings.map(({ check, ok }) => `${check} ${ok}`)).toEqual([
      'jit true',
      'configuration true',
      'server false',
      'keychain true',
      'secret files true',
      'held here true',
    ]);
  });
});
