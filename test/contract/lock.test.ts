import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { createFileLock } from '../../src/adapters/lock/file-lock.ts';
import type { Clock } from '../../src/core/ports/clock.ts';
import { testLock } from '../../src/testing/lock.ts';

const clock: Clock = {
  now: () => 0,
  monotonicMs: () => performance.now(),
  sleep: (ms) => setTimeout(ms),
};

describe('Lock contract: file', () => {
  testLock({ test }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'jit-lock-'));
    const close = async () => {
      expect(await readdir(join(folder, 'locks'))).toEqual([]);
      await rm(folder, { recursive: true });
    };
    const open = () => createFileLock({ folder: join(folder, 'locks'), clock });
    return { lock: open(), another: open(), close };
  });
});
