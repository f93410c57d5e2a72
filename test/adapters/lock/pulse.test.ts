import { lstatSync, lutimesSync, symlinkSync } from 'node:fs';
import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFileLock } from '../../../src/adapters/lock/file-lock.ts';
import { createFakeClock } from '../../support/fakes/fake-clock.ts';

const clock = createFakeClock(0);

let locks: string;
let path: string;

beforeEach(async () => {
  locks = await mkdtemp(join(tmpdir(), 'jit-pulse-'));
  path = join(locks, 'session.lock');
});
afterEach(() => rm(locks, { recursive: true }));

describe('a holder', () => {
  it('on another host that says nothing any more is no obstacle to a try', async () => {
    const lock = createFileLock({ folder: locks, clock });
    await leaveLock('a container that was started again');
    age(25);
    expect(await lock.tryRun('session', async () => undefined)).toBe(false);
    age(35);
    expect(await lock.tryRun('session', async () => undefined)).toBe(true);
    expect(await readdir(locks)).toEqual([]);
  });

  it('that is not jit is never overtaken', async () => {
    symlinkSync('somebody', path);
    age(3_600);
    const lock = createFileLock({ folder: locks, clock });
    expect(await lock.tryRun('session', async () => undefined)).toBe(false);
  });

  it('of a try says every few seconds that it lives, to those who cannot look', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const lock = createFileLock({ folder: locks, clock });
      await lock.tryRun('session', async () => {
        age(35);
        vi.advanceTimersByTime(5_000);
        expect(readAgeSeconds()).toBeLessThan(20);
      });
      expect(vi.getTimerCount()).toBe(0);
      expect(await readdir(locks)).toEqual([]);
    } finally {
      vi.useRealTimers();
    }
  });
});

/** As if its holder had said for so long nothing. */
function age(seconds: number): void {
  const at = Date.now() / 1_000 - seconds;
  lutimesSync(path, at, at);
}

function readAgeSeconds(): number {
  return (Date.now() - lstatSync(path).mtimeMs) / 1_000;
}

/** A lock of this very process, if it were on this host. */
async function leaveLock(host: string): Promise<void> {
  const own = await createFileLock({ folder: locks, clock }).run('session', () => readlink(path));
  symlinkSync(JSON.stringify({ ...(JSON.parse(own) as Record<string, unknown>), host }), path);
}
