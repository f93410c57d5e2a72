import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { fail } from '../../core/errors.ts';

const LOOK_MS = 50;
const PATIENCE_LOOKS = 200;
const run = promisify(execFile);

/** The start of the name of a socket folder that did not fit under the data. */
export const SOCKET_PREFIX = join(tmpdir(), 'jit-socket-');

type Found = { readonly parent: number; readonly isServer: boolean };

/**
 * Stops a server on this data that its starter left behind, and removes what a dead one left lying.
 * Throws `store_in_use` when the starter still lives.
 */
export async function stopOrphan(data: string, starterFile: string): Promise<void> {
  const [pidLine, , , , socketFolder] = (await readText(join(data, 'postmaster.pid'))).split('\n');
  const pid = Number(pidLine);
  if (!Number.isInteger(pid) || pid <= 1) return;
  const found = await inspect(pid, data);
  if (found?.isServer) {
    if (found.parent === Number(await readText(starterFile))) throw fail('store_in_use', { path: data });
    await stopProcess(pid, data);
  }
  await rm(join(data, 'postmaster.pid'), { force: true });
  if (socketFolder?.startsWith(SOCKET_PREFIX)) await rm(socketFolder, { recursive: true, force: true });
}

/** Fast at first; a server that does not stop is told to drop everything. */
async function stopProcess(pid: number, data: string): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    process.kill(pid, signal);
    for (let look = 0; look < PATIENCE_LOOKS; look += 1) {
      if (!(await inspect(pid, data))?.isServer) return;
      await sleep(LOOK_MS);
    }
  }
  throw fail('failed', { why: `the sample database of an earlier run does not stop (process ${pid})` });
}

/** A process id may have been given to somebody else since: only the command line tells. */
async function inspect(pid: number, data: string): Promise<Found | undefined> {
  return process.platform === 'linux' ? inspectProc(pid, data) : inspectPs(pid, data);
}

async function inspectProc(pid: number, data: string): Promise<Found | undefined> {
  const command = (await readText(`/proc/${pid}/cmdline`)).split('\0');
  const status = await readText(`/proc/${pid}/stat`);
  if (status === '') return undefined;
  const parent = Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[1]);
  return { parent, isServer: command.includes(data) };
}

async function inspectPs(pid: number, data: string): Promise<Found | undefined> {
  const line = await run('ps', ['-o', 'ppid=,args=', '-p', String(pid)]).catch(() => undefined);
  if (!line) return undefined;
  return { parent: Number.parseInt(line.stdout, 10), isServer: line.stdout.includes(` ${data} `) };
}

async function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}
