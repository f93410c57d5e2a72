import { describe, expect, it } from 'vitest';
import { IN_MEMORY, openSqliteStore } from '../../src/adapters/store/open-sqlite.ts';
import { SYSTEM } from '../../src/broker/events.ts';
import type { Transition } from '../../src/core/ports/store.ts';
import {
  liftQuarantine,
  openQuarantine,
  QUARANTINE_SETTING,
  type QuarantineNote,
  withholdAction,
  withholdChanges,
} from '../../src/server/quarantine.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const NOTE: QuarantineNote = {
  restored_at: '2026-11-22T10:00:00Z',
  taken_at: '2026-11-22T09:00:00Z',
  by: 'operator:root',
};

async function open(note: QuarantineNote | null) {
  const clock = createFakeClock(0);
  const { store, close } = await openSqliteStore({ path: IN_MEMORY, clock });
  if (note) await store.readSetting(QUARANTINE_SETTING, async () => JSON.stringify(note));
  const quarantine = await openQuarantine({ store, clock });
  const stop = (): Promise<void> => quarantine.stop().then(close);
  return { clock, store, quarantine, [Symbol.asyncDispose]: stop };
}

const event = {
  id: 'ev_1',
  kind: 'session.started' as const,
  at: 0,
  actor: 'dev:dev',
  requestId: null,
  grantId: null,
  detail: {},
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
    expect(await liftQuarantine(desk.store, NOTE)).toBe(true);
    await desk.clock.advance(1_000);
    expect(done).toEqual(['the worker']);
    expect(desk.quarantine.readNote()).toBeNull();
    desk.quarantine.whenOver(() => done.push('what comes later'));
    expect(done).toHaveLength(2);
  });

  it('is lifted by one', async () => {
    await using desk = await open(NOTE);
    const both = [liftQuarantine(desk.store, NOTE), liftQuarantine(desk.store, NOTE)];
    expect((await Promise.all(both)).sort()).toEqual([false, true]);
  });

  it('is none where nothing was restored', async () => {
    await using desk = await open(null);
    const done: string[] = [];
    desk.quarantine.whenOver(() => done.push('the worker'));
    expect(done).toEqual(['the worker']);
    expect(desk.clock.sleeping).toBe(0);
    const store = withholdChanges(desk.store, desk.quarantine);
    expect(await store.commit({ event })).toBe('committed');
  });

  it('lets people log in, and changes no request and no grant, but for what a person takes away', async () => {
    await using desk = await open(NOTE);
    const seen: Transition[] = [];
    const inner = {
      ...desk.store,
      commit: async (transition: Transition) => {
        seen.push(transition);
        return 'committed' as const;
      },
    };
    const store = withholdChanges(inner, desk.quarantine);
    const about = { ...event, requestId: 'req_1', grantId: 'gr_1' };
    await store.commit({ event });
    await store.commit({ event: { ...about, kind: 'grant.revoking' } });
    for (const refused of [
      { ...about, kind: 'request.submitted' as const },
      { ...about, kind: 'grant.redelivered' as const },
      { ...about, kind: 'grant.revoking' as const, actor: SYSTEM },
    ])
      await expect(store.commit({ event: refused })).rejects.toMatchObject({
        code: 'in_quarantine',
        message: expect.stringContaining('2026-11-22T09:00:00Z'),
      });
    expect(seen).toHaveLength(2);
    const act = withholdAction(async () => seen.push({ event }), desk.quarantine);
    await expect(act()).rejects.toMatchObject({ code: 'in_quarantine' });
    expect(seen).toHaveLength(2);
  });
});
