import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { endPerson } from '../../../src/broker/revocation/leave.ts';
import { listRevocable, revokeMany } from '../../../src/broker/revocation/revoke-many.ts';
import { fail } from '../../../src/core/errors.ts';
import type { Store } from '../../../src/core/ports/store.ts';
import { admin, buildAsker, dev, lead, type TestBroker } from '../../support/broker.ts';
import { openReviewBroker } from '../../support/reviews/reviewing.ts';

let broker: TestBroker;

beforeEach(async () => {
  broker = await openReviewBroker();
  broker.people.push(admin.principal);
  broker.policy.outcome = 'automatic';
  for (const asker of [dev, lead]) await broker.claim(asker, (await broker.ask({}, asker)).id);
});

afterEach(() => broker.store.close());

it('takes all of one person: grants, what could become one, and logins', async () => {
  broker.policy.outcome = 'needs_people';
  const open = await broker.ask({ scopes: ['prod:db.write'] });
  const result = await revokeMany(broker, admin, { user: 'dev', target: null });
  expect(result).toMatchObject({ cancelled: 1, sessionsEnded: 1 });
  expect(result.grants.map(({ heldBy, state, endedBecause }) => [heldBy.name, state, endedBecause])).toEqual([
    ['dev', 'revoking', 'revoked'],
  ]);
  expect((await broker.store.readRequest(open.id))?.state).toBe('cancelled');
  expect(broker.loggedOut).toEqual(['dev:dev']);
  await broker.runDue();
  expect((await broker.store.readGrant(result.grants[0]?.id ?? ''))?.state).toBe('ended');
});

it('ends no logins where there is nothing that could be revoked', async () => {
  const empty = { ...broker, catalogue: { scopes: [], targets: [] } };
  expect((await revokeMany(empty, dev, { user: 'lead', target: null })).sessionsEnded).toBe(0);
  expect(broker.loggedOut).toEqual([]);
});

it("takes all of one target, or everybody's, and leaves logins alone", async () => {
  const [target] = broker.catalogue.targets;
  const targets = target ? [target, { ...target, name: 'billing' }] : [];
  const wider = { ...broker, catalogue: { ...broker.catalogue, targets } };
  expect((await revokeMany(wider, admin, { user: null, target: 'billing' })).grants).toEqual([]);
  expect((await revokeMany(broker, admin, { user: null, target: 'orders' })).grants).toHaveLength(2);
  expect(broker.loggedOut).toEqual([]);
});

it('says of a target that is nowhere that there is none, to everybody, and takes what one that is no more has left', async () => {
  const orders = { user: null, target: 'orders' };
  for (const action of [listRevocable, revokeMany])
    await expect(action(broker, dev, { ...orders, target: 'ordrs' })).rejects.toMatchObject({
      code: 'unknown_target',
      hint: 'did you mean orders?',
    });
  const without = { ...broker, catalogue: { scopes: [], targets: [] } };
  expect(await listRevocable(without, dev, orders)).toHaveLength(1);
});

it('says of a name that nobody has that there is no such person, to whom may revoke, and takes whatever there is first', async () => {
  const ended: string[] = [];
  const endAll = async (subject: string) => ended.push(subject) - 1;
  const quiet = { ...broker, logins: { ...broker.logins, endAll } };
  await expect(revokeMany(quiet, admin, { user: 'lea', target: null })).rejects.toMatchObject({
    code: 'not_found',
    message: 'there is no person that jit knows as "lea"',
    hint: 'did you mean lead? Nothing was revoked',
  });
  expect(ended).toEqual(['lea']);
  expect(await revokeMany(quiet, dev, { user: 'lea', target: null })).toMatchObject({ cancelled: 0 });
  broker.people.splice(0, broker.people.length, admin.principal);
  expect((await revokeMany(quiet, admin, { user: 'dev', target: null })).grants).toHaveLength(1);
});

it('takes nothing by a name that two accounts have, and says how to name one', async () => {
  const twin = buildAsker('twin');
  broker.people.push({ ...twin.principal, name: 'dev' });
  await expect(revokeMany(broker, admin, { user: 'dev', target: null })).rejects.toMatchObject({
    code: 'ambiguous',
    message: expect.stringContaining('dev:dev, dev:twin'),
  });
  expect(broker.loggedOut).toEqual([]);
  expect((await revokeMany(broker, admin, { user: 'dev:dev', target: null })).grants).toHaveLength(1);
});

it('means the account with that subject, whoever else calls himself so', async () => {
  broker.people.unshift({ ...buildAsker('joker').principal, name: 'dev:dev' });
  const { grants } = await revokeMany(broker, admin, { user: 'dev:dev', target: null });
  expect(grants.map(({ heldBy }) => heldBy.subject)).toEqual(['dev:dev']);
  expect(broker.loggedOut).toEqual(['dev:dev']);
});

it("takes no more than one's own from somebody whom policy lets revoke nothing", async () => {
  expect(await listRevocable(broker, dev, { user: null, target: null })).toHaveLength(1);
  const { grants, sessionsEnded } = await revokeMany(broker, dev, { user: 'lead', target: null });
  expect(grants).toEqual([]);
  expect(sessionsEnded).toBe(0);
});

it('is nothing in the log where it changed nothing', async () => {
  const stranger = buildAsker('stranger', ['engineers']);
  await revokeMany(broker, stranger, { user: null, target: null });
  const events = await broker.store.listEvents({ limit: 100 });
  expect(events.map(({ kind }) => kind)).not.toContain('people.revoked');
});

it('is one entry in the log, with what was meant', async () => {
  await revokeMany(broker, admin, { user: null, target: null });
  const events = await broker.store.listEvents({ limit: 100 });
  expect(events.find(({ kind }) => kind === 'people.revoked')).toMatchObject({
    actor: 'dev:admin',
    detail: { everyone: true, grants: 2 },
  });
});

it('ends everything of somebody who left', async () => {
  broker.policy.outcome = 'needs_people';
  const open = await broker.ask({ scopes: ['prod:db.write'] });
  await endPerson(broker, 'dev:dev', 'system');
  expect((await broker.store.readRequest(open.id))?.state).toBe('cancelled');
  const grants = await broker.store.listGrants({ heldBy: 'dev:dev', limit: 5 });
  expect(grants.map(({ state, endedBecause }) => [state, endedBecause])).toEqual([['revoking', 'left']]);
  expect(broker.loggedOut).toEqual(['dev:dev']);
});

describe('much at once', () => {
  const names = Array.from({ length: 60 }, (_, index) => `person${index}`);

  beforeEach(async () => {
    for (const asker of names.map((name) => buildAsker(name, ['engineers']))) {
      broker.people.push(asker.principal);
      await broker.claim(asker, (await broker.ask({}, asker)).id);
      await broker.ask({ scopes: ['prod:db.write'] }, asker);
    }
  });

  /** A store that fails these commits of all, and tells how many were under way at one time. */
  function watchStore(isFailing: (count: number) => boolean) {
    let running = 0;
    let most = 0;
    let count = 0;
    const commit: Store['commit'] = async (transition) => {
      running += 1;
      count += 1;
      most = Math.max(most, running);
      const isRefused = transition.event.kind !== 'people.revoked' && isFailing(count);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      if (isRefused) throw fail('store_unreachable', { why: 'no connection was free' });
      return broker.store.commit(transition);
    };
    return { watched: { ...broker, store: { ...broker.store, commit } }, findMost: () => most };
  }

  async function readRecord(): Promise<Readonly<Record<string, unknown>> | undefined> {
    const events = await broker.store.listEvents({ limit: 10_000 });
    return events.findLast(({ kind }) => kind === 'people.revoked')?.detail;
  }

  it('leaves the store room for others', async () => {
    const { watched, findMost } = watchStore(() => false);
    const result = await revokeMany(watched, admin, { user: null, target: null });
    expect([result.grants.length, result.cancelled]).toEqual([62, 60]);
    expect(findMost()).toBeLessThanOrEqual(8);
  });

  it('S15: goes on past what fails, has on record what was done, and says that it was not all', async () => {
    const { watched } = watchStore((count) => count % 10 === 0);
    await expect(revokeMany(watched, admin, { user: null, target: null })).rejects.toMatchObject({
      code: 'not_all_revoked',
      message: expect.stringContaining('12 of 122'),
    });
    const revoking = await broker.store.listGrants({ states: ['revoking'], limit: 999 });
    const cancelled = await broker.store.listRequests({ states: ['cancelled'], limit: 999 });
    expect(revoking.length + cancelled.length).toBe(110);
    expect(await readRecord()).toMatchObject({
      grants: revoking.length,
      cancelled: cancelled.length,
      failed: 12,
    });
    const rest = await revokeMany(broker, admin, { user: null, target: null });
    expect(rest.cancelled).toBe(60 - cancelled.length);
    expect(await broker.store.listGrants({ states: ['active'], limit: 999 })).toEqual([]);
  });

  it('where nothing could be done at all it says why, as for one', async () => {
    const { watched } = watchStore(() => true);
    await expect(revokeMany(watched, admin, { user: null, target: null })).rejects.toMatchObject({
      code: 'store_unreachable',
    });
    expect(await readRecord()).toBeUndefined();
  });
});
