import { type SweepParts, sweep } from './held.ts';
import type { ClientParts } from './parts.ts';

/** The hidden command that runs the reaper. */
const REAPER_COMMAND = '__reap';
/** Timers stand still while a machine is suspended (S10), and what is given back early leaves nothing to wait for. */
const LONGEST_NAP_MS = 5_000;
const LOCK_NAME = 'reaper';

/** Starts the reaper; where one runs already, the new one sees that and leaves. A machine that cannot start one sweeps at the next call. */
export async function wakeReaper(parts: Pick<ClientParts, 'processes'>): Promise<void> {
  await parts.processes.startDetached([REAPER_COMMAND]).catch(() => undefined);
}

/**
 * Deletes copies when their time is over, and nothing else. One at a time for each user; ends when nothing is left.
 * Killed, it loses nothing: every call of `jit` sweeps too.
 */
export async function reap(parts: SweepParts & Pick<ClientParts, 'lock'>): Promise<void> {
  await parts.lock.tryRun(LOCK_NAME, async () => {
    for (;;) {
      await sweep(parts);
      const nextAt = await findNextEnd(parts);
      if (nextAt === undefined) return;
      await parts.clock.sleep(Math.min(LONGEST_NAP_MS, Math.max(1, nextAt - parts.clock.now())));
    }
  });
}

/** The next end; undefined when nothing is held, or only what this process cannot delete. */
async function findNextEnd(parts: Pick<ClientParts, 'state' | 'clock'>): Promise<number | undefined> {
  const now = parts.clock.now();
  const ends = (await parts.state.read()).grants.map((held) => held.view.expiresAt).filter((at) => at > now);
  return ends.length === 0 ? undefined : Math.min(...ends);
}
