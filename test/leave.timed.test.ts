import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LeavingProcess, leave } from '../src/leave.ts';
import { startHangingBus } from './support/keyrings/keyring.ts';

const PROGRAM = join(import.meta.dirname, 'support/leave-program.ts');

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jit-leave-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function runProgram(environment: Readonly<Record<string, string>>, outputBytes: number) {
  const startedAtMs = performance.now();
  const child = spawn(process.execPath, [PROGRAM, folder, String(outputBytes)], { env: { ...environment } });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: child.exitCode, stdout, stderr, tookMs: performance.now() - startedAtMs };
}

describe('a program whose keychain hangs', () => {
  it('S14: leaves within 4 s with the documented code, and all of its output arrives', async () => {
    const bus = await startHangingBus();
    const result = await runProgram(bus.environment, 1_000_000).finally(bus.stop);
    expect(result).toMatchObject({ code: 4, stderr: 'keychain_hanging\n' });
    expect(result.stdout).toHaveLength(1_000_004);
    expect(result.tookMs).toBeLessThan(4000);
    expect(result.tookMs).toBeGreaterThan(2400);
  });
});

describe('a program whose keychain fails at once', () => {
  it('leaves at once with the code, and all of its output arrives', async () => {
    const environment = { PATH: '/usr/bin', DBUS_SESSION_BUS_ADDRESS: `unix:path=${folder}/none` };
    const result = await runProgram(environment, 5_000_000);
    expect(result).toMatchObject({ code: 4, stderr: 'keychain_missing\n' });
    expect(result.stdout).toHaveLength(5_000_004);
    expect(result.tookMs).toBeLessThan(3000);
  });
});

describe('leave', () => {
  it('gives a terminal back as it was before the process is replaced', async () => {
    const { calls, process } = buildProcess({ raw: true, execve: true });
    await expect(leave({ exitCode: 4, stuck: true }, process)).rejects.toThrow('replaced');
    expect(calls).toEqual(['raw false', 'execve /bin/sh sh -c exit 4']);
  });

  it('kills itself where a process cannot be replaced', async () => {
    const { calls, process } = buildProcess({ raw: false, execve: false });
    await leave({ exitCode: 4, stuck: true }, process);
    expect(calls).toEqual(['kill 42 SIGKILL']);
  });

  it('goes even when nobody reads the output, but only when it has to', async () => {
    const { calls, process } = buildProcess({ raw: false, execve: false, blocked: true });
    await leave({ exitCode: 4, stuck: true }, process);
    expect(calls).toEqual(['kill 42 SIGKILL']);
  });
});

type Kind = { readonly raw: boolean; readonly execve: boolean; readonly blocked?: boolean };

function buildProcess(kind: Kind): { readonly calls: string[]; readonly process: LeavingProcess } {
  const calls: string[] = [];
  const output = new Writable({ write: (_chunk, _encoding, done) => (kind.blocked ? undefined : done()) });
  const stdin = {
    isTTY: kind.raw,
    isRaw: kind.raw,
    setRawMode: (mode: boolean) => void calls.push(`raw ${mode}`),
  };
  const execve = (file: string, args: readonly string[] = []) => {
    calls.push(['execve', file, ...args].join(' '));
    throw new Error('replaced');
  };
  const process = {
    stdin,
    stdout: output,
    stderr: output,
    pid: 42,
    kill: (pid: number, signal: string) => calls.push(`kill ${pid} ${signal}`) > 0,
    exit: (code: number) => void calls.push(`exit ${code}`),
    ...(kind.execve ? { execve } : {}),
  };
  return { calls, process: process as unknown as LeavingProcess };
}
