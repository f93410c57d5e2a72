import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from '../core/errors.ts';
import { EMPTY_STATE, type LocalState, type LocalStateStore } from '../core/ports/local-state.ts';
import type { Lock } from '../core/ports/lock.ts';
import { decodeLocalState, encodeLocalState } from '../core/wire/local-state.ts';

export type LocalStateOptions = {
  /** Made, for its owner alone, with the first write. */
  readonly folder: string;
  readonly lock: Lock;
};

type Found = { readonly state: LocalState; readonly corrupt: string | undefined };

/** The state folder's `held.json`. `failed` where the folder itself cannot be used. */
export function createLocalState({ folder, lock }: LocalStateOptions): LocalStateStore {
  const path = join(folder, 'held.json');
  // One command looks several times, and the same text means the same.
  let last: { readonly document: string; readonly found: Found } | undefined;
  const find = async (): Promise<Found> => {
    const document = await explaining(path, 'read', async () => readText(path));
    if (document === undefined) return { state: EMPTY_STATE, corrupt: undefined };
    if (document !== last?.document) last = { document, found: decodeState(document) };
    return last.found;
  };
  return {
    read: async () => (await find()).state,
    update: (change) =>
      lock.run('held', async () => {
        const { state, corrupt } = await find();
        const changed = change(state);
        if (changed === state) return state;
        await explaining(path, 'written', async () => {
          const { mkdir, writeFile } = await import('node:fs/promises');
          await mkdir(folder, { recursive: true, mode: 0o700 });
          // Only here, under the lock: a reader that moved the file aside could move a good one that came meanwhile.
          if (corrupt !== undefined) await writeFile(`${path}.bad`, corrupt, { mode: 0o600 });
          await replaceFile(path, encodeLocalState(changed));
        });
        return changed;
      }),
  };
}

function decodeState(document: string): Found {
  const state = decodeLocalState(document);
  return state ? { state, corrupt: undefined } : { state: EMPTY_STATE, corrupt: document };
}

/** Under the lock, so one name is enough for what is not finished, and a crash leaves one such file at most. */
async function replaceFile(path: string, text: string): Promise<void> {
  const { open, rename, rm } = await import('node:fs/promises');
  const draft = `${path}.tmp`;
  try {
    const file = await open(draft, 'w', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** At once: it is small, and every command waits for it. Undefined where there is none. */
function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

async function explaining<T>(path: string, what: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw fail('failed', { why: `${path} was not ${what} (${code})` }, error);
  }
}
