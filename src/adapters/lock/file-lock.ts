import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fail, JitError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Lock } from '../../core/ports/lock.ts';
import {
  buildHolder,
  dropLink,
  type Holder,
  judgeHolder,
  readHolder,
  removeDead,
  sweepClaims,
  takeLink,
} from './holder-link.ts';

export type FileLockOptions = {
  /** On a disk of this machine; made when it is not there. */
  readonly folder: string;
  readonly clock: Clock;
  /** How long to wait for a holder on another host or in another container, of which nobody here can say whether it lives. */
  readonly elsewhereMs?: number;
};

const POLL_MS = 10;
const MAX_POLL_MS = 100;
const ELSEWHERE_MS = 30_000;

/**
 * A lock across processes (S11): a link made exclusively that names its holder. One whose holder is dead is taken over
 * at once; one whose holder lives is waited for, however long that takes. Not reentrant. `failed` when the folder
 * cannot be used, or when the holder is somewhere else and stays.
 */
export function createFileLock(options: FileLockOptions): Lock {
  return {
    async run<T>(name: string, action: () => Promise<T>): Promise<T> {
      const path = join(options.folder, `${encodeURIComponent(name)}.lock`);
      const mine = await acquire(path, options);
      try {
        return await action();
      } finally {
        dropLink(path, mine);
      }
    },
  };
}

async function acquire(path: string, options: FileLockOptions): Promise<Holder> {
  try {
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    return await waitAndTake(path, options);
  } catch (error) {
    if (error instanceof JitError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw fail('failed', { why: `the lock ${path} cannot be used: ${why}` }, error);
  }
}

async function waitAndTake(path: string, options: FileLockOptions): Promise<Holder> {
  const { clock } = options;
  const mine = buildHolder();
  const giveUpAtMs = clock.monotonicMs() + (options.elsewhereMs ?? ELSEWHERE_MS);
  let takenOver = false;
  for (let pollMs = POLL_MS; !takeLink(path, mine); pollMs = Math.min(pollMs * 2, MAX_POLL_MS)) {
    const found = makeWay(path);
    takenOver ||= found === 'removed';
    if (found === 'removed' || found === 'gone') continue;
    if (found === 'elsewhere' && clock.monotonicMs() >= giveUpAtMs) throw heldElsewhere(path);
    // Unequal pauses, so that many waiters do not look in step.
    await clock.sleep(pollMs * (0.5 + Math.random() / 2));
  }
  if (takenOver) sweepClaims(path);
  return mine;
}

/** Looks at the holder that was in the way, and removes it when it is dead. */
function makeWay(path: string): 'gone' | 'removed' | 'alive' | 'elsewhere' {
  const holder = readHolder(path);
  if (!holder) return 'gone';
  const state = judgeHolder(holder);
  if (state !== 'dead') return state;
  return removeDead(path, holder) ? 'removed' : 'alive';
}

function heldElsewhere(path: string): JitError {
  const owner = readHolder(path)?.owner;
  const who = owner ? `process ${owner.pid} on ${owner.host}` : 'something that is not jit';
  return fail('failed', {
    why: `${path} is held by ${who}, which cannot be seen from here; remove it if that is gone`,
  });
}
