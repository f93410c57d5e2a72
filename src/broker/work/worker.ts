import type { Clock } from '../../core/ports/clock.ts';
import type { Store, TakenWork } from '../../core/ports/store.ts';
import { doAll } from '../pacing/do-all.ts';
import { createTurns } from '../pacing/turns.ts';

const LEASE_MS = 30_000;
const LONGEST_NAP_MS = 1_000;
const MOST_TAKEN = 128;
const MOST_PER_TARGET = 8;
const MOST_LOOKS_PER_TARGET = 4;
const MOST_PER_CHANNEL = 4;
const MOST_ON_RECORD = 128;

export type WorkerParts = {
  readonly store: Pick<Store, 'takeWork' | 'findNextWorkAt' | 'postponeWork'>;
  readonly clock: Clock;
  readonly run: (work: TakenWork) => Promise<void>;
  /** Told of every failure that is not already in the grant's own record. */
  readonly onError: (error: unknown) => void;
};

export type Worker = {
  /** Something is due now: look at once instead of at the end of the nap. */
  readonly wake: () => void;
  /** Resolves when what was begun is done; what waited for its turn is given back, for another replica or the next start. */
  readonly stop: () => Promise<void>;
};

/** Does what is due, for ever. Timers only wake it; what is due is always asked of the store (S10). */
export function startWorker(parts: WorkerParts): Worker {
  const stopping = new AbortController();
  const crew = createCrew(parts, stopping.signal);
  let nap = new AbortController();

  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      nap = new AbortController();
      const taken = await takeDue(parts);
      for (const work of taken ?? []) crew.start(work);
      // Woken meanwhile, it looks again at once: when the next is due is not asked then.
      if (taken?.length === MOST_TAKEN || nap.signal.aborted) continue;
      await parts.clock.sleep(await findNapMs(parts, taken), nap.signal);
    }
    await crew.finish();
  };

  const looping = loop();
  return {
    // With a reason: the error that it would be otherwise costs more than all else here.
    wake: () => nap.abort('woken'),
    stop: () => {
      stopping.abort();
      nap.abort();
      return looping;
    },
  };
}

type Crew = { readonly start: (work: TakenWork) => void; readonly finish: () => Promise<void> };

/**
 * Removals wait for their turn at their target, and notices for theirs on their channel and behind others of the same
 * request, so that a dead one holds up nobody else's (S5), and nobody's token: what only changes the record never waits
 * for anything outside. Work whose lease ran out while it waited is still in hand here, and is not begun a second time.
 */
function createCrew(parts: WorkerParts, stopping: AbortSignal): Crew {
  const atTargets = createTurns(MOST_PER_TARGET);
  const alarms = createTurns(1);
  const looks = createTurns(MOST_LOOKS_PER_TARGET);
  const onChannels = createTurns(MOST_PER_CHANNEL);
  const onRecord = createTurns(MOST_ON_RECORD);
  const onRequests = createTurns(1);
  const inTurn = ({ id, kind, target, requestId }: TakenWork, action: () => Promise<void>): Promise<void> => {
    const place = target ?? '';
    if (kind === 'remove') return atTargets(place, action);
    if (kind === 'idle') return looks(place, action);
    if (kind === 'alarm') return alarms(place, action);
    if (kind !== 'deliver') return onRecord(place, action);
    return onRequests(`${place} ${requestId ?? id}`, () => onChannels(place, action));
  };
  const inHand = new Map<string, Promise<void>>();
  const waiting = new Map<string, TakenWork>();
  const run = async (work: TakenWork): Promise<void> => {
    if (stopping.aborted) return;
    waiting.delete(work.id);
    await parts.run(work);
  };
  return {
    start: (work) => {
      if (inHand.has(work.id)) return;
      waiting.set(work.id, work);
      const done = inTurn(work, () => run(work))
        .catch(parts.onError)
        .finally(() => inHand.delete(work.id));
      inHand.set(work.id, done);
    },
    finish: async () => {
      await giveBack(parts, [...waiting.values()]);
      await Promise.all(inHand.values());
    },
  };
}

/** What cannot be given back, because the store is away, is free when its lease runs out. */
async function giveBack({ store, onError }: WorkerParts, works: readonly TakenWork[]): Promise<void> {
  let failure: unknown;
  await doAll(works, async (work) => {
    if (failure !== undefined) return;
    await store.postponeWork(work, work.dueAt).catch((error: unknown) => {
      failure ??= error;
    });
  });
  if (failure !== undefined) onError(failure);
}

/** Undefined when the store could not say. */
async function takeDue(parts: WorkerParts): Promise<readonly TakenWork[] | undefined> {
  try {
    return await parts.store.takeWork({ now: parts.clock.now(), leaseMs: LEASE_MS, limit: MOST_TAKEN });
  } catch (error) {
    parts.onError(error);
    return undefined;
  }
}

async function findNapMs(parts: WorkerParts, taken: readonly TakenWork[] | undefined): Promise<number> {
  const nextAt =
    taken && (await parts.store.findNextWorkAt().catch((error: unknown) => void parts.onError(error)));
  if (nextAt === undefined) return LONGEST_NAP_MS;
  return Math.min(LONGEST_NAP_MS, Math.max(1, nextAt - parts.clock.now()));
}
