import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { lutimesSync, symlinkSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileLock } from '../../../src/adapters/lock/file-lock.ts';
import type { Clock } from '../../../src/core/ports/clock.ts';

const WORKER = join(import.meta.dirname, '../../support/lock-worker.ts');

let folder: string;
let locks: string;
let children: ChildProcess[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jit-lock-'));
  locks = join(folder, 'locks');
  children = [];
  await mkdir(locks);
  await writeFile(join(folder, 'counter'), '0');
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(children.map(ended));
  await rm(folder, { recursive: true });
});

const realClock: Clock = {
  now: () => 0,
  monotonicMs: () => performance.now(),
  sleep: (ms) => setTimeout(ms),
};

function startWorker(turns: number, mode: 'count' | 'hold' = 'count'): ChildProcess {
  const child = spawn(process.execPath, [WORKER, folder, String(turns), mode], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return child;
}

async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}

async function readTurns(): Promise<readonly number[]> {
  const log = await readFile(join(folder, 'log'), 'utf8');
  return log.trim().split('\n').map(Number);
}

describe('many processes', () => {
  it('S11: 20 processes count to 500 without a lost update', async () => {
    const codes = await Promise.all(Array.from({ length: 20 }, () => ended(startWorker(25))));
    expect(codes).toEqual(Array(20).fill(0));
    expect(await readTurns()).toEqual(Array.from({ length: 500 }, (_, index) => index + 1));
    expect(await readdir(locks)).toEqual([]);
  });

  it('S11, I6: kill -9 at any moment leaves nothing behind, loses no update and blocks nobody', async () => {
    const survivors = Array.from({ length: 4 }, () => startWorker(60));
    const victims = Array.from({ length: 16 }, () => startWorker(1_000_000));
    for (const [index, victim] of victims.entries()) {
      victim.stdout?.on('data', killAfter(victim, 1 + index * 2));
    }
    expect(await Promise.all(survivors.map(ended))).toEqual([0, 0, 0, 0]);
    await Promise.all(victims.map(ended));
    const turns = await readTurns();
    expect(new Set(turns).size).toBe(turns.length);
    expect(turns).toEqual(turns.toSorted((one, other) => one - other));
    expect(turns.length).toBeGreaterThan(240);
    await createFileLock({ folder: locks, clock: realClock }).run('session', async () => undefined);
    expect(await readdir(locks)).toEqual([]);
  });

  it('S11: 12 processes that find the same dead holder take turns', async () => {
    for (let round = 0; round < 5; round += 1) {
      const holder = startWorker(1, 'hold');
      await once(holder.stdout ?? holder, 'data');
      const takers = Array.from({ length: 12 }, () => startWorker(1));
      holder.kill('SIGKILL');
      expect(await Promise.all(takers.map(ended))).toEqual(Array(12).fill(0));
    }
    expect(await readTurns()).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
    expect(await readdir(locks)).toEqual([]);
  });
});

describe('one holder', () => {
  it('S11: a stopped holder is not overtaken, a killed one is', async () => {
    const holder = startWorker(1, 'hold');
    await once(holder.stdout ?? holder, 'data');
    holder.kill('SIGSTOP');
    let waits = 0;
    const clock: Clock = {
      ...realClock,
      sleep: async () => {
        waits += 1;
        if (waits === 40) {
          holder.kill('SIGKILL');
          await ended(holder);
        }
      },
    };
    await createFileLock({ folder: locks, clock }).run('session', async () => undefined);
    expect(waits).toBe(40);
  });

  it('names pid, start and host of the holder', async () => {
    await createFileLock({ folder: locks, clock: realClock }).run('session', async () => {
      const text = await readlink(join(locks, 'session.lock'));
      expect(JSON.parse(text)).toMatchObject({
        pid: process.pid,
        started: expect.any(String),
        host: expect.any(String),
      });
    });
  });

  it('of another process that got the same pid does not count', async () => {
    await leaveLock({ started: 'long ago' });
    await createFileLock({ folder: locks, clock: realClock }).run('session', async () => undefined);
    expect(await readdir(locks)).toEqual([]);
  });

  it('that is dead is no obstacle to a try', async () => {
    await leaveLock({ started: 'long ago' });
    const lock = createFileLock({ folder: locks, clock: realClock });
    expect(await lock.tryRun('session', async () => undefined)).toBe(true);
    await leaveLock({ host: 'elsewhere.example.com' });
    expect(await lock.tryRun('session', async () => undefined)).toBe(false);
  });

  it('that is gone is cleared away by whoever takes any lock next, and no other is', async () => {
    const [gone, here] = ['use 0 of gr_1.lock', 'reaper.lock'].map((name) => join(locks, name));
    const own = await createFileLock({ folder: locks, clock: realClock }).run('session', () =>
      readlink(join(locks, 'session.lock')),
    );
    const child = startWorker(0);
    await ended(child);
    symlinkSync(
      JSON.stringify({ ...(JSON.parse(own) as Record<string, unknown>), pid: child.pid }),
      gone ?? '',
    );
    symlinkSync(own, here ?? '');
    await createFileLock({ folder: locks, clock: realClock }).run('session', async () => undefined);
    expect(await readdir(locks)).toEqual(['reaper.lock']);
  });

  it('on another host is waited for, and then named, not overtaken, however long it said nothing', async () => {
    await leaveLock({ host: 'elsewhere.example.com' });
    const longAgo = Date.now() / 1_000 - 3_600;
    lutimesSync(join(locks, 'session.lock'), longAgo, longAgo);
    let nowMs = 0;
    const clock: Clock = {
      now: () => 0,
      monotonicMs: () => nowMs,
      sleep: async (ms) => {
        nowMs += ms;
      },
    };
    const attempt = createFileLock({ folder: locks, clock }).run('session', async () => undefined);
    await expect(attempt).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringContaining('elsewhere.example.com'),
    });
    expect(nowMs).toBeGreaterThanOrEqual(30_000);
    expect(await readdir(locks)).toEqual(['session.lock']);
  });

  it('cannot be where the folder cannot be', async () => {
    const lock = createFileLock({ folder: join(folder, 'counter', 'locks'), clock: realClock });
    await expect(lock.run('session', async () => undefined)).rejects.toMatchObject({ code: 'failed' });
  });
});

function killAfter(victim: ChildProcess, outputs: number): () => void {
  let left = outputs;
  return () => {
    left -= 1;
    if (left === 0) victim.kill('SIGKILL');
  };
}

/** A lock that this very process seems to hold, except for `changes`. */
async function leaveLock(changes: Readonly<Record<string, string>>): Promise<void> {
  const path = join(locks, 'session.lock');
  const own = await createFileLock({ folder: locks, clock: realClock }).run('session', () => readlink(path));
  symlinkSync(JSON.stringify({ ...(JSON.parse(own) as Record<string, unknown>), ...changes }), path);
}
