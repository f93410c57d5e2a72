import { describe, expect, it } from 'vitest';
import { SYSTEM } from '../../../src/broker/events.ts';
import { revokeMany } from '../../../src/broker/revocation/revoke-many.ts';
import type { Store, TakenWork, Transition } from '../../../src/core/ports/store.ts';
import type { QuarantineNote } from '../../../src/server/keeping/quarantine.ts';
import { withholdAction, withholdChanges } from '../../../src/server/keeping/withhold.ts';
import { admin, dev } from '../../support/broker.ts';
import { openReviewBroker } from '../../support/reviews/reviewing.ts';

const NOTE: QuarantineNote = {
  restored_at: '2026-11-22T10:00:00Z',
  taken_at: '2026-11-22T09:00:00Z',
  by: 'operator:root',
};
const WORK = { id: 'remove gr_1', kind: 'remove', grantId: 'gr_1' } as unknown as TakenWork;

const event = {
  id: 'ev_1',
  kind: 'session.started' as const,
  at: 0,
  actor: 'dev:dev',
  requestId: null,
  grantId: null,
  detail: {},
};

/** What was known when it was last looked, and what the store says now. */
type Found = { readonly note?: QuarantineNote; readonly isReplaced?: boolean; readonly isHeld?: boolean };

function open({ note, isReplaced = false, isHeld = note !== undefined || isReplaced }: Found) {
  const done: (Transition | string)[] = [];
  const inner = {
    commit: async (transition: Transition) => {
      done.push(transition);
      return 'committed' as const;
    },
    takeWork: async () => [WORK],
    readSetting: async (name: string, make: () => Promise<string>) => {
      const made = await make();
      done.push(name);
      return made;
    },
  } as unknown as Store;
  const quarantine = {
    readNote: () => note ?? null,
    isReplaced: () => isReplaced,
    isHeld: async () => isHeld,
  };
  return { done, quarantine, store: withholdChanges(inner, quarantine) };
}

const take = ({ takeWork }: Store) => takeWork({ now: 0, leaseMs: 30_000, limit: 10 });

describe('a store in quarantine', () => {
  it('lets people log in, and changes no request and no grant, but for what a person takes away', async () => {
    const { store, done, quarantine } = open({ note: NOTE });
    const about = { ...event, requestId: 'req_1', grantId: 'gr_1' };
    await store.commit({ event });
    await store.commit({ event: { ...about, kind: 'grant.revoking' } });
    await store.commit({ event: { ...about, kind: 'request.cancelled' } });
    for (const refused of [
      { ...about, kind: 'request.submitted' as const },
      { ...about, kind: 'grant.redelivered' as const },
      { ...about, kind: 'grant.revoking' as const, actor: SYSTEM },
      { ...about, kind: 'request.cancelled' as const, actor: SYSTEM },
      { ...about, kind: 'request.lapsed' as const },
    ])
      await expect(store.commit({ event: refused })).rejects.toMatchObject({
        code: 'in_quarantine',
        message: expect.stringContaining('2026-11-22T09:00:00Z'),
      });
    expect(done).toHaveLength(3);
    const act = withholdAction(async () => done.push('claimed'), quarantine);
    await expect(act()).rejects.toMatchObject({ code: 'in_quarantine' });
    expect(done).toHaveLength(3);
  });

  it('takes all of a person away at once: what is held, and what could still be claimed', async () => {
    const broker = await openReviewBroker();
    broker.policy.outcome = 'automatic';
    const { grant } = await broker.claim(dev, (await broker.ask()).id);
    const approved = await broker.ask({ scopes: ['prod:db.write'] });
    const { quarantine } = open({ note: NOTE });
    const withheld = { ...broker, store: withholdChanges(broker.store, quarantine) };
    const result = await revokeMany(withheld, admin, { user: 'dev', target: null });
    expect(result).toMatchObject({ grants: [{ id: grant.id, state: 'revoking' }], cancelled: 1 });
    expect((await broker.store.readRequest(approved.id))?.state).toBe('cancelled');
    await broker.store.close();
  });

  it('hands out nothing that is due, also where it was restored since it was last looked', async () => {
    expect(await take(open({}).store)).toEqual([WORK]);
    expect(await take(open({ note: NOTE }).store)).toEqual([]);
    expect(await take(open({ isHeld: true }).store)).toEqual([]);
  });
});

describe('a store that is another one than was opened', () => {
  it('is given nothing to keep, and nothing that is due there is done', async () => {
    const { store, done } = open({ isReplaced: true });
    await expect(store.commit({ event })).rejects.toMatchObject({ code: 'store_unreachable' });
    await expect(store.readSetting('signing keys', async () => 'new')).rejects.toMatchObject({
      code: 'store_unreachable',
    });
    const change = { name: 'stray at orders: role', before: null, after: 'looking' };
    await expect(store.replaceSetting(change)).rejects.toMatchObject({ code: 'store_unreachable' });
    expect([await take(store), done]).toEqual([[], []]);
  });
});
