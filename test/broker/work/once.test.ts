import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createIds } from '../../../src/adapters/ids.ts';
import type { OpenStore } from '../../../src/adapters/store/opened.ts';
import { IN_MEMORY, openSqliteStore } from '../../../src/adapters/store/sqlite/open.ts';
import { doOnce, listBegun } from '../../../src/broker/work/once.ts';
import type { Store } from '../../../src/core/ports/store.ts';
import { createFakeClock } from '../../support/fakes/fake-clock.ts';
import { never } from '../../support/never.ts';
import { createRandom } from '../../support/random.ts';

const clock = createFakeClock(0);
let opened: OpenStore;

beforeEach(async () => {
  opened = await openSqliteStore({ path: IN_MEMORY, clock });
});

afterEach(() => opened.close());

/** Something that is there, and that any replica takes away. */
type Thing = { isThere: boolean; removals: number };

/** A replica that sees the thing and removes it, over its own view of the store. */
function remove(thing: Thing, store: Store): Promise<boolean> {
  return doOnce(
    { store, clock, ids: createIds(clock) },
    {
      note: 'stray: thing',
      isDue: async () => thing.isThere,
      run: async () => {
        if (thing.isThere) thing.removals += 1;
        thing.isThere = false;
        return { kind: 'credential.stray_removed', actor: 'system' };
      },
    },
  );
}

const listEvents = () => opened.store.listEvents({ limit: 9_999 });
const listNotes = () => opened.store.listSettings('stray: ');

/** The store as one has it that is kept waiting before and after every call. */
function slow(wait: () => Promise<unknown>): Store {
  const pass = async <T>(action: () => Promise<T>): Promise<T> => {
    await wait();
    const result = await action();
    await wait();
    return result;
  };
  const { store } = opened;
  return {
    ...store,
    commit: (transition) => pass(() => store.commit(transition)),
    listSettings: (prefix) => pass(() => store.listSettings(prefix)),
    replaceSetting: (change) => pass(() => store.replaceSetting(change)),
  };
}

describe('something that is done at a target once', () => {
  it('I4: is noted before, and its event takes the place of the note', async () => {
    const thing = { isThere: true, removals: 0 };
    const notes: unknown[] = [];
    const store: Store = {
      ...opened.store,
      commit: async (transition) => {
        notes.push(await listBegun(opened, 'stray: '));
        return await opened.store.commit(transition);
      },
    };
    expect(await remove(thing, store)).toBe(true);
    expect(notes).toEqual([['thing']]);
    expect(await listNotes()).toEqual([]);
    expect((await listEvents()).map(({ kind }) => kind)).toEqual(['credential.stray_removed']);
  });

  it('is left alone where it is done already, or could not be looked at; then nothing is noted', async () => {
    expect(await remove({ isThere: false, removals: 0 }, opened.store)).toBe(false);
    const lost = doOnce(
      { store: opened.store, clock, ids: createIds(clock) },
      { note: 'stray: x', isDue: () => Promise.reject(new Error('away')), run: never },
    );
    await expect(lost).rejects.toThrow('away');
    expect(await listNotes()).toEqual([]);
    expect(await listEvents()).toEqual([]);
  });

  it('I4: stays noted where it was begun and failed, and is done by the next who tries', async () => {
    const failing = doOnce(
      { store: opened.store, clock, ids: createIds(clock) },
      { note: 'stray: thing', isDue: async () => true, run: () => Promise.reject(new Error('away')) },
    );
    await expect(failing).rejects.toThrow('away');
    expect(await listBegun(opened, 'stray: ')).toEqual(['thing']);
    expect(await remove({ isThere: false, removals: 0 }, opened.store)).toBe(true);
    expect(await listNotes()).toEqual([]);
  });

  it('I4: whoever dies at any moment is followed by one that puts it on record, once', async () => {
    for (let at = 0; at < 8; at += 1) {
      const thing = { isThere: true, removals: 0 };
      const before = (await listEvents()).length;
      const dead = Promise.withResolvers<void>();
      let moments = 0;
      const dying = slow(async () => {
        if (moments++ !== at) return;
        dead.resolve();
        await never();
      });
      await Promise.race([remove(thing, dying), dead.promise]);
      expect(moments).toBe(at + 1);
      const begun = await listBegun(opened, 'stray: ');
      if (thing.isThere || begun.length > 0) await remove(thing, opened.store);
      expect([at, thing.removals, (await listEvents()).length - before]).toEqual([at, 1, 1]);
      expect(await listNotes()).toEqual([]);
    }
  });

  it('I4: of four that try at once, in any order of their steps, one puts it on record', async () => {
    const random = createRandom(1);
    for (let round = 0; round < 100; round += 1) {
      const thing = { isThere: true, removals: 0 };
      const before = (await listEvents()).length;
      const waiting: (() => void)[] = [];
      const turn = () => new Promise<void>((go) => waiting.push(go));
      let running = 4;
      const replicas = Array.from({ length: 4 }, () =>
        remove(thing, slow(turn)).finally(() => {
          running -= 1;
        }),
      );
      while (running > 0) {
        waiting.splice(random.below(waiting.length), 1)[0]?.();
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect((await Promise.all(replicas)).filter(Boolean)).toHaveLength(1);
      expect([round, thing.removals, (await listEvents()).length - before]).toEqual([round, 1, 1]);
      expect(await listNotes()).toEqual([]);
    }
  });
});
