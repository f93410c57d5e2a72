import type { AuditEvent } from '../../core/audit/event.ts';
import { fail } from '../../core/errors.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Store } from '../../core/ports/store.ts';
import { SECOND_MS } from '../../core/time.ts';
import { createOutage } from '../outage.ts';

/** Where it is kept that a store was brought back from a copy and nobody has looked at the difference yet. */
export const QUARANTINE_SETTING = 'quarantine';
/** What is in the name of everything that is made at a target. */
export const INSTALLATION_SETTING = 'installation';
const NONE = 'none';
const LOOK_EVERY_MS = SECOND_MS;

export type QuarantineNote = {
  readonly restored_at: string;
  readonly taken_at: string;
  readonly by: string;
};

/** Of a server whose database was taken away and another put in its place. */
export const OTHER_STORE = 'it is not the one that this server was started with: start it again';

export type Quarantine = {
  /** Null where there is none. */
  readonly readNote: () => QuarantineNote | null;
  /** Is there another installation's store, or an empty one, where the one was that was opened? */
  readonly isReplaced: () => boolean;
  /** Must nothing be done by itself? As the store has it now, and not as it was a second ago. */
  readonly isHeld: () => Promise<boolean>;
  /** Calls back when it is over, at once where it is; not after the returned function was called. */
  readonly whenOver: (action: () => void) => () => void;
  readonly stop: () => Promise<void>;
};

export type QuarantineParts = {
  readonly store: Pick<Store, 'readSetting'>;
  readonly clock: Clock;
  /** Whose store it is. */
  readonly installation: string;
  /** Told of what is found: at the start where there is a quarantine, and whenever that changes. */
  readonly onFound: (found: Standing) => void;
  /** Told once that it cannot be looked at how the store is, and again only after that worked in between. */
  readonly onError: (error: unknown) => void;
};

/** How the store is found. */
export type Standing = { readonly note: QuarantineNote | null; readonly isReplaced: boolean };

/**
 * A store that was brought back from an old copy knows nothing of what happened since: until somebody has looked at the
 * difference and confirmed it, nothing is given, and nothing is taken away by itself. What is confirmed by another process
 * is noticed within a second; and so is a copy that was brought back under servers that went on running.
 */
export async function openQuarantine(parts: QuarantineParts): Promise<Quarantine> {
  const waiting = new Set<() => void>();
  const stopping = new AbortController();
  const outage = createOutage(parts.onError);
  let standing: Standing = { note: await readQuarantine(parts.store), isReplaced: false };
  if (standing.note !== null) parts.onFound(standing);
  const look = async (): Promise<Standing> => {
    const found = await readStanding(parts);
    const before = standing;
    standing = found;
    if (!isSame(before, found)) parts.onFound(found);
    if (isOver(found)) for (const action of waiting) action();
    if (isOver(found)) waiting.clear();
    return found;
  };
  const watch = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await parts.clock.sleep(LOOK_EVERY_MS, stopping.signal);
      if (!stopping.signal.aborted) await look().then(outage.worked, outage.failed);
    }
  };
  const watching = watch();
  return {
    readNote: () => standing.note,
    isReplaced: () => standing.isReplaced,
    isHeld: async () => !isOver(await look()),
    whenOver: (action) => {
      if (isOver(standing)) action();
      else waiting.add(action);
      return () => void waiting.delete(action);
    },
    stop: async () => {
      stopping.abort();
      await watching;
    },
  };
}

function isOver({ note, isReplaced }: Standing): boolean {
  return note === null && !isReplaced;
}

function isSame(left: Standing, right: Standing): boolean {
  return left.note?.restored_at === right.note?.restored_at && left.isReplaced === right.isReplaced;
}

/** Makes nothing: a setting that is missing was there when the store was opened. */
async function readStanding({ store, installation }: QuarantineParts): Promise<Standing> {
  const missing = new Error('there is no such setting');
  const read = (name: string) =>
    store
      .readSetting(name, () => Promise.reject(missing))
      .catch((error: unknown) => (error === missing ? undefined : Promise.reject(error)));
  const [text, found] = await Promise.all([read(QUARANTINE_SETTING), read(INSTALLATION_SETTING)]);
  if (text === undefined || found !== installation) return { note: null, isReplaced: true };
  return { note: parseNote(text), isReplaced: false };
}

export async function readQuarantine(store: Pick<Store, 'readSetting'>): Promise<QuarantineNote | null> {
  const text = await store.readSetting(QUARANTINE_SETTING, async () => NONE);
  return parseNote(text);
}

function parseNote(text: string): QuarantineNote | null {
  return text === NONE ? null : (JSON.parse(text) as QuarantineNote);
}

/** `in_quarantine` while nobody has confirmed. */
export async function requireConfirmed(store: Pick<Store, 'readSetting'>): Promise<void> {
  const note = await readQuarantine(store);
  if (note) throw fail('in_quarantine', { takenAt: note.taken_at });
}

/** True for the one who put the store there; false where it was not out of it. */
export async function imposeQuarantine(
  store: Pick<Store, 'replaceSetting'>,
  note: QuarantineNote,
): Promise<boolean> {
  const change = { name: QUARANTINE_SETTING, before: NONE, after: JSON.stringify(note) };
  return (await store.replaceSetting(change)) === 'replaced';
}

/** True for the one who lifted it, which is on record from the same moment on. */
export async function liftQuarantine(
  store: Pick<Store, 'commit'>,
  { note, event }: { readonly note: QuarantineNote; readonly event: AuditEvent },
): Promise<boolean> {
  const setting = { name: QUARANTINE_SETTING, before: JSON.stringify(note), after: NONE };
  return (await store.commit({ event, setting })) === 'committed';
}
