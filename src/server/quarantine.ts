import { SYSTEM } from '../broker/events.ts';
import { fail } from '../core/errors.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Store, Transition } from '../core/ports/store.ts';
import { SECOND_MS } from '../core/time.ts';

/** Where it is kept that a store was brought back from a copy and nobody has looked at the difference yet. */
export const QUARANTINE_SETTING = 'quarantine';
const NONE = 'none';
const LOOK_EVERY_MS = SECOND_MS;

export type QuarantineNote = {
  readonly restored_at: string;
  readonly taken_at: string;
  readonly by: string;
};

export type Quarantine = {
  /** Null where there is none. */
  readonly readNote: () => QuarantineNote | null;
  /** Calls back when it is over, at once where it is; not after the returned function was called. */
  readonly whenOver: (action: () => void) => () => void;
  readonly stop: () => Promise<void>;
};

/**
 * A store that was brought back from an old copy knows nothing of what happened since: until somebody has looked at the
 * difference and confirmed it, nothing is given, and nothing is taken away by itself. What is confirmed by another process
 * is noticed within a second.
 */
export async function openQuarantine(parts: {
  readonly store: Pick<Store, 'readSetting'>;
  readonly clock: Clock;
}): Promise<Quarantine> {
  const { store, clock } = parts;
  const waiting = new Set<() => void>();
  const stopping = new AbortController();
  let note = await readQuarantine(store);
  const watch = async (): Promise<void> => {
    while (note !== null && !stopping.signal.aborted) {
      await clock.sleep(LOOK_EVERY_MS, stopping.signal);
      if (!stopping.signal.aborted) note = await readQuarantine(store).catch(() => note);
    }
    if (note === null) for (const action of waiting) action();
    waiting.clear();
  };
  const watching = watch();
  return {
    readNote: () => note,
    whenOver: (action) => {
      if (note === null) action();
      else waiting.add(action);
      return () => void waiting.delete(action);
    },
    stop: async () => {
      stopping.abort();
      await watching;
    },
  };
}

export async function readQuarantine(store: Pick<Store, 'readSetting'>): Promise<QuarantineNote | null> {
  const text = await store.readSetting(QUARANTINE_SETTING, async () => NONE);
  return text === NONE ? null : (JSON.parse(text) as QuarantineNote);
}

/** The same action, which does not even begin while there is a quarantine: what it does first may be at a target. */
export function withholdAction<A extends readonly unknown[], R>(
  action: (...given: A) => Promise<R>,
  { readNote }: Pick<Quarantine, 'readNote'>,
): (...given: A) => Promise<R> {
  return async (...given) => {
    const note = readNote();
    if (note !== null) throw fail('in_quarantine', { takenAt: note.taken_at });
    return await action(...given);
  };
}

/** `in_quarantine` while nobody has confirmed. */
export async function requireConfirmed(store: Pick<Store, 'readSetting'>): Promise<void> {
  const note = await readQuarantine(store);
  if (note) throw fail('in_quarantine', { takenAt: note.taken_at });
}

/** True for the one who lifted it. */
export async function liftQuarantine(
  store: Pick<Store, 'replaceSetting'>,
  note: QuarantineNote,
): Promise<boolean> {
  const change = { name: QUARANTINE_SETTING, before: JSON.stringify(note), after: NONE };
  return (await store.replaceSetting(change)) === 'replaced';
}

/**
 * The same store, in which requests and grants stay as they are while there is a quarantine: `in_quarantine`. Logins go on,
 * and what a person wants to have ended is on record at once: its token is dead, and the target's turn comes afterwards.
 */
export function withholdChanges(store: Store, { readNote }: Pick<Quarantine, 'readNote'>): Store {
  return {
    ...store,
    commit: async (transition) => {
      const note = readNote();
      if (note !== null && !isAllowed(transition)) throw fail('in_quarantine', { takenAt: note.taken_at });
      return await store.commit(transition);
    },
  };
}

function isAllowed({ request, grant, event }: Transition): boolean {
  if (event.kind === 'grant.revoking') return event.actor !== SYSTEM && !request;
  return !request && !grant && event.requestId === null && event.grantId === null;
}
