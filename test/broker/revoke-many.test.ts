import { afterEach, beforeEach, expect, it } from 'vitest';
import { endPerson } from '../../src/broker/leave.ts';
import { listRevocable, revokeMany } from '../../src/broker/revoke-many.ts';
import { buildAsker, dev, lead, type TestBroker } from '../support/broker.ts';
import { openReviewBroker } from '../support/reviewing.ts';

let broker: TestBroker;
const admin = buildAsker('admin', ['admins']);

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
  expect((await revokeMany(broker, admin, { user: null, target: 'billing' })).grants).toEqual([]);
  expect((await revokeMany(broker, admin, { user: null, target: 'orders' })).grants).toHaveLength(2);
  expect(broker.loggedOut).toEqual([]);
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
