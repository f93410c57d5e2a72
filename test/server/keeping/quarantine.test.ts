import { describe, expect, it } from 'vitest';
import { IN_MEMORY, openSqliteStore } from '../../../src/adapters/store/sqlite/open.ts';
import {
  INSTALLATION_SETTING,
  liftQuarantine,
  openQuarantine,
  QUARANTINE_SETTING,
  type QuarantineNote,
  type Standing,
} from '../../../src/server/keeping/quarantine.ts';
import { createFakeClock } from '../../support/fakes/fake-clock.ts';

const NOTE: QuarantineNote = {
  restored_at: '2026-11-22T10:00:00Z',
  taken_at: '2026-11-22T09:00:00Z',
  by: 'operator:root',
};

async function open(note: QuarantineNote | null) {
  const clock = createFakeClock(0);
  const { store, close } = await openSqliteStore({ path: IN_MEMORY, clock });
  if (note) await store.readSetting(QUARANTINE_SETTING, async () => JSON.stringify(note));
  await store.readSetting(INSTALLATION_SETTING, async () => 'a1b2c3d4');
  const found: Standing[] = [];
  const onFound = (standing: Standing): void => void found.push(standing);
  const trouble: { error?: Error } = {};
  const errors: unknown[] = [];
  const quarantine = await openQuarantine({
    store: {
      readSetting: async (...setting) => {
        if (trouble.error) throw trouble.error;
        return store.readSetting(...setting);
      },
    },
    clock,
    installation: 'a1b2c3d4',
    onFound,
    onError: (error) => errors.push(error),
  });
  const change = (name: string, before: string, after: string) =>
    store.replaceSetting({ name, before, after });
  const stop = (): Promise<void> => quarantine.stop().then(close);
  return { clock, store, quarantine, found, trouble, errors, change, [Symbol.asyncDispose]: stop };
}

const confirmation = {
  note: NOTE,
  event: {
    id: 'ev_1',
    kind: 'store.confirmed' as const,
    at: 0,
    actor: 'operator:root',
    requestId: null,
    grantId: null,
    detail: {},
  },
};

describe('a store in quarantine', () => {
  it('does nothing by itself until it is confirmed, by whatever process; and then at once', async () => {
    await using desk = await open(NOTE);
    const done: string[] = [];
    desk.quarantine.whenOver(() => done.push('the worker'));
    const forget = desk.quarantine.whenOver(() => done.push('what was stopped before'));
    forget();
    await desk.clock.advance(3_600_000);
    expect(done).toEqual([]);
    expect(await liftQuarantine(desk.store, confirmation)).toBe(true);
    await desk.clock.advance(1_000);
    expect(done).toEqual(['the worker']);
    expect(desk.quarantine.readNote()).toBeNull();
    desk.quarantine.whenOver(() => done.push('what comes later'));
    expect(done).toHaveLength(2);
  });

  it('is lifted by one', async () => {
    await using desk = await open(NOTE);
    const both = [liftQuarantine(desk.store, confirmation), liftQuarantine(desk.store, confirmation)];
    expect((await Promise.all(both)).sort()).toEqual([false, true]);
  });

  it('is none where nothing was restored', async () => {
    await using desk = await open(null);
    const done: string[] = [];
    desk.quarantine.whenOver(() => done.push('the worker'));
    expect(done).toEqual(['the worker']);
    expect(await desk.quarantine.isHeld()).toBe(false);
    expect(desk.found).toEqual([]);
  });

  it('is noticed where a copy is brought back under a server that went on running: at once by whoever asks, else within a second', async () => {
    await using desk = await open(null);
    await desk.change(QUARANTINE_SETTING, 'none', JSON.stringify(NOTE));
    expect(desk.quarantine.readNote()).toBeNull();
    expect(await desk.quarantine.isHeld()).toBe(true);
    await desk.clock.advance(1_000);
    expect(desk.quarantine.readNote()).toEqual(NOTE);
    expect(desk.found).toEqual([{ note: NOTE, isReplaced: false }]);
    const done: string[] = [];
    desk.quarantine.whenOver(() => done.push('what came meanwhile'));
    await liftQuarantine(desk.store, confirmation);
    await desk.clock.advance(1_000);
    expect([done, await desk.quarantine.isHeld()]).toEqual([['what came meanwhile'], false]);
    expect(desk.found.at(-1)).toEqual({ note: null, isReplaced: false });
  });
});

describe('a store that is another one than was opened', () => {
  it('is held, whosever it is, until the one is back that was opened', async () => {
    await using desk = await open(null);
    await desk.change(INSTALLATION_SETTING, 'a1b2c3d4', 'e5f6g7h8');
    expect(desk.quarantine.isReplaced()).toBe(false);
    expect(await desk.quarantine.isHeld()).toBe(true);
    expect(desk.quarantine.isReplaced()).toBe(true);
    expect(desk.found).toEqual([{ note: null, isReplaced: true }]);
    await desk.change(INSTALLATION_SETTING, 'e5f6g7h8', 'a1b2c3d4');
    await desk.clock.advance(1_000);
    expect([desk.quarantine.isReplaced(), await desk.quarantine.isHeld()]).toEqual([false, false]);
  });

  it('that cannot be looked at is told of once, and again only after it could be in between', async () => {
    await using desk = await open(null);
    desk.trouble.error = new Error('the cable is out');
    await desk.clock.advance(3_000);
    expect(desk.errors).toEqual([desk.trouble.error]);
    delete desk.trouble.error;
    await desk.clock.advance(1_000);
    desk.trouble.error = new Error('and again');
    await desk.clock.advance(3_000);
    expect(desk.errors.map(String)).toEqual(['Error: the cable is out', 'Error: and again']);
    expect(desk.found).toEqual([]);
  });

  it('is held where it is empty, and stays empty: a copy may be restored into it', async () => {
    const made: string[] = [];
    const settings = new Map([
      [QUARANTINE_SETTING, 'none'],
      [INSTALLATION_SETTING, 'a1b2c3d4'],
    ]);
    const store = {
      readSetting: async (name: string, make: () => Promise<string>) => {
        const kept = settings.get(name) ?? (await make());
        if (!settings.has(name)) made.push(name);
        return kept;
      },
    };
    const clock = createFakeClock(0);
    const quarantine = await openQuarantine({
      store,
      clock,
      installation: 'a1b2c3d4',
      onFound: () => undefined,
      onError: (error) => expect.fail(String(error)),
    });
    settings.clear();
    expect([await quarantine.isHeld(), quarantine.isReplaced(), made]).toEqual([true, true, []]);
    await quarantine.stop();
  });
});
