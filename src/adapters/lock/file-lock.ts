import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
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
  sweepLeft,
  takeLink,
} from './holder-link.ts';
import { beginPulse, isSilent } from './pulse.ts';

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
 * cannot be used, or when the holder is somewhere else and stays. A holder by `tryRun` says every few seconds that it lives;
 * another `tryRun` takes one that cannot be seen, and says nothing, for dead.
 */
export function createFileLock(options: FileLockOptions): Lock {
  const pathOf = (name: string) => join(options.folder, `${encodeURIComponent(name)}.lock`);

  async function run<T>(name: string, action: () => Promise<T>): Promise<T> {
    const path = pathOf(name);
    const mine = await explaining(path, () => waitAndTake(path, options));
    return holding(path, mine, action);
  }

  async function tryRun(name: string, action: () => Promise<void>): Promise<boolean> {
    const path = pathOf(name);
    const mine = buildHolder();
    const isTaken = await explaining(path, async () => tryOvertake(path, mine));
    if (!isTaken) return false;
    const stopPulse = beginPulse(path, mine);
    await holding(path, mine, () => action().finally(stopPulse));
    return true;
  }

  return { run, tryRun };
}

async function holding<T>(path: string, mine: Holder, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } finally {
    dropLink(path, mine);
  }
}

async function explaining<T>(path: string, take: () => Promise<T>): Promise<T> {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    return await take();
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
  for (let pollMs = POLL_MS; ; pollMs = Math.min(pollMs * 2, MAX_POLL_MS)) {
    const found = tryTake(path, mine);
    if (found === 'taken') return mine;
    if (found === 'elsewhere' && clock.monotonicMs() >= giveUpAtMs) throw heldElsewhere(path);
    // Unequal pauses, so that many waiters do not look in step.
    await clock.sleep(pollMs * (0.5 + Math.random() / 2));
  }
}

/** Takes it unless somebody is in the way who is not dead. */
function tryTake(path: string, mine: Holder): 'taken' | 'alive' | 'elsewhere' {
  while (!takeLink(path, mine)) {
    const holder = readHolder(path);
    if (!holder) continue;
    const state = judgeHolder(holder);
    if (state !== 'dead') return state;
    // A living claimant is at it already: as good as a holder.
    if (!removeDead(path, holder)) return 'alive';
  }
  sweepLeft(path);
  return 'taken';
}

/** As `tryTake`; one who is somewhere else and says nothing any more is taken for dead. */
function tryOvertake(path: string, mine: Holder): boolean {
  const found = tryTake(path, mine);
  if (found !== 'elsewhere') return found === 'taken';
  const holder = readHolder(path);
  if (!holder?.owner || !isSilent(path)) return false;
  return removeDead(path, holder) && tryTake(path, mine) === 'taken';
}

function heldElsewhere(path: string): JitError {
  const owner = readHolder(path)?.owner;
  const who = owner ? `process ${owner.pid} on ${owner.host}` : 'something that is not jit';
  return fail('failed', {
    why: `${path} is held by ${who}, which cannot be seen from here; remove it if that is gone`,
  });
}
