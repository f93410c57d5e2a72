import { randomInt } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Below where the kernel takes the ports of outgoing connections from, on Linux and macOS. */
const LOWEST = 20_000;
const HIGHEST = 32_000;
const TAKEN = join(tmpdir(), 'quiet-ports-of-tests');

/**
 * A free port on loopback that nobody is given by chance while the server that has it is down: neither by the kernel, nor
 * by this function in another test's process, until this one has ended.
 */
export async function findQuietPort(): Promise<number> {
  mkdirSync(TAKEN, { recursive: true });
  for (;;) {
    const port = randomInt(LOWEST, HIGHEST);
    if (!take(port)) continue;
    if (await isFree(port)) return port;
    giveBack(port);
  }
}

const ours = new Set<number>();

process.once('exit', () => {
  for (const port of ours) giveBack(port);
});

function take(port: number): boolean {
  if (isHeld(port)) return false;
  try {
    writeFileSync(join(TAKEN, String(port)), String(process.pid), { flag: 'wx' });
  } catch {
    return false;
  }
  ours.add(port);
  return true;
}

function giveBack(port: number): void {
  ours.delete(port);
  rmSync(join(TAKEN, String(port)), { force: true });
}

/** A note of a process that is gone is none. */
function isHeld(port: number): boolean {
  const path = join(TAKEN, String(port));
  const holder = readHolder(path);
  if (holder === undefined || isRunning(holder)) return holder !== undefined;
  rmSync(path, { force: true });
  return false;
}

function readHolder(path: string): number | undefined {
  try {
    return Number(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
