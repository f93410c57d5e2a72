import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Asker } from '../../../src/broker/parts.ts';
import { revokeMany } from '../../../src/broker/revocation/revoke-many.ts';
import { findSubject } from '../../../src/broker/view/find-subject.ts';
import { admin, buildAsker, openTestBroker, type TestBroker } from '../../support/broker.ts';

let broker: TestBroker;
const here = buildAnna('17');
const left = buildAnna('4');

beforeEach(async () => {
  broker = await openTestBroker();
  broker.policy.permitted = true;
});

afterEach(() => broker.store.close());

function buildAnna(id: string): Asker {
  const { principal, ...asker } = buildAsker('anna', ['engineers']);
  return { ...asker, principal: { ...principal, subject: `idp:${id}`, person: `idp:${id}` } };
}

/** Somebody whom the directory forgot while they held something. */
async function leaveHolding(asker: Asker): Promise<string> {
  const { grant } = await broker.claim(asker, (await broker.ask({}, asker)).id);
  return grant.id;
}

async function leaveAsking(asker: Asker): Promise<string> {
  broker.policy.outcome = 'needs_people';
  return (await broker.ask({ scopes: ['prod:db.write'] }, asker)).id;
}

it.each([
  ['holds a grant', leaveHolding],
  ['has a request open', leaveAsking],
])('does not take a name for that of the one who is still here while one who left %s', async (_, leave) => {
  broker.people.push(here.principal);
  await leave(left);
  await expect(findSubject(broker, 'anna')).rejects.toMatchObject({
    code: 'ambiguous',
    message: expect.stringContaining('idp:17, idp:4'),
  });
  expect(await findSubject(broker, 'idp:4')).toBe('idp:4');
});

it('finds one who left by the name, while what they held is not gone', async () => {
  const grantId = await leaveHolding(left);
  const { grants } = await revokeMany(broker, admin, { user: 'anna', target: null });
  expect(grants.map(({ id }) => id)).toEqual([grantId]);
  expect(await findSubject(broker, 'anna')).toBe('idp:4');
  await broker.runDue();
  expect(await findSubject(broker, 'anna')).toBe('anna');
});

it('takes grants, requests and logins of one who left and is named', async () => {
  const grantId = await leaveHolding(left);
  const requestId = await leaveAsking(left);
  const result = await revokeMany(broker, admin, { user: 'anna', target: null });
  expect(result).toMatchObject({ cancelled: 1, sessionsEnded: 1, grants: [{ id: grantId }] });
  expect((await broker.store.readRequest(requestId))?.state).toBe('cancelled');
  expect(broker.loggedOut).toEqual(['idp:4']);
});

it('takes a subject for that of one who left, whoever calls himself so', async () => {
  broker.people.push({ ...buildAsker('joker').principal, name: 'idp:4' });
  await leaveHolding(left);
  expect(await findSubject(broker, 'idp:4')).toBe('idp:4');
});

it('is sure of somebody who is called something else by now', async () => {
  await leaveHolding(here);
  broker.people.push({ ...here.principal, name: 'anna.berg' });
  expect(await findSubject(broker, 'anna')).toBe('idp:17');
  expect(await findSubject(broker, 'anna.berg')).toBe('idp:17');
});
