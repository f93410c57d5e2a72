import { buildEvent, type EventDraft } from '../events.ts';
import type { Broker } from '../parts.ts';

/** Something at a target that no grant is about, and that any replica may find to be done. */
export type Act = {
  /** What is noted while it is done, and where: `listBegun` finds it by how it begins. */
  readonly note: string;
  /** Is it still to be done? Asked after the note was written: whoever was faster had removed theirs by then. */
  readonly isDue: () => Promise<boolean>;
  /** Does it, and MUST be safe to repeat; what is put on record, or undefined where it is left to the next try. */
  readonly run: () => Promise<EventDraft | undefined>;
};

type Parts = Pick<Broker, 'store' | 'clock' | 'ids'>;

const LOOKING = 'looking';
const DOING = 'doing';

/**
 * Does it with a note in the store before, in whose place its event comes afterwards: whoever is killed in between is
 * followed by one that finds the note, and does both. Each who takes the note over has it, and only who has it says
 * anything: of all that try at once one puts it on record. True for that one.
 */
export async function doOnce(parts: Parts, act: Act): Promise<boolean> {
  const { store, ids } = parts;
  const { note: name } = act;
  const own = ids.newEventId();
  const taken = await takeNote(store, { name, own });
  const doing = `${DOING} ${own}`;
  if (taken !== doing) {
    const isDue = await act.isDue().catch(async (error: unknown) => {
      await store.replaceSetting({ name, before: taken, after: null });
      throw error;
    });
    const next = await store.replaceSetting({ name, before: taken, after: isDue ? doing : null });
    if (!isDue || next === 'lost') return false;
  }
  const draft = await act.run();
  if (!draft) return false;
  const setting = { name, before: doing, after: null };
  return (await store.commit({ event: buildEvent(parts, draft), setting })) === 'committed';
}

/** What was begun and is not on record yet: the rest of each note that begins so. */
export async function listBegun(
  { store }: Pick<Broker, 'store'>,
  prefix: string,
): Promise<readonly string[]> {
  const notes = await store.listSettings(prefix);
  return notes.filter(({ value }) => value.startsWith(DOING)).map(({ name }) => name.slice(prefix.length));
}

/** What was being done stays so: that it is not there any more does not mean that it is on record. */
async function takeNote(
  store: Broker['store'],
  { name, own }: { readonly name: string; readonly own: string },
): Promise<string> {
  for (;;) {
    const notes = await store.listSettings(name);
    const before = notes.find((note) => note.name === name)?.value ?? null;
    const after = `${before?.startsWith(DOING) ? DOING : LOOKING} ${own}`;
    if ((await store.replaceSetting({ name, before, after })) === 'replaced') return after;
  }
}
