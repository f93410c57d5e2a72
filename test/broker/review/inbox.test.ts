import { afterEach, beforeEach, expect, it } from 'vitest';
import { readDossier } from '../../../src/broker/review/dossier.ts';
import { readInbox } from '../../../src/broker/review/inbox.ts';
import { listHistory, listLive, readGrant, readRequest } from '../../../src/broker/view/query.ts';
import { admin, buildAsker, dev, lead, other, type TestBroker } from '../../support/broker.ts';
import { approveNow, openReviewBroker } from '../../support/reviews/reviewing.ts';

let broker: TestBroker;
const stranger = buildAsker('stranger', ['engineers']);

beforeEach(async () => {
  broker = await openReviewBroker({ approvals: 2 });
});

afterEach(() => broker.store.close());

const listIds = async (asker = lead) => (await readInbox(broker, asker)).requests.map(({ id }) => id);

it('lists what waits for this reviewer, oldest first, and nothing of their own', async () => {
  const first = await broker.ask();
  await broker.clock.advance(1000);
  const second = await broker.ask({ scopes: ['prod:db.write'] });
  await broker.ask({}, lead);
  expect(await listIds()).toEqual([first.id, second.id]);
  expect(await listIds(stranger)).toEqual([]);
  expect(await listIds(dev)).toEqual([]);
});

it('drops what this reviewer has approved, and what nobody can decide any more', async () => {
  const request = await broker.ask();
  await approveNow(broker, request);
  expect(await listIds()).toEqual([]);
  expect(await listIds(other)).toEqual([request.id]);
  await broker.clock.advance(3_600_000);
  expect(await listIds(other)).toEqual([]);
});

it('lists break-glass to look at afterwards, the most urgent first', async () => {
  broker.policy.outcome = 'automatic';
  const reason = 'INC-4211 the shop is down and nobody is awake';
  const first = await broker.ask({ breakGlass: true, reason });
  await broker.clock.advance(86_400_000);
  const second = await broker.ask({ breakGlass: true, reason }, other);
  const { afterwards } = await readInbox(broker, lead);
  expect(afterwards.map(({ id, afterwards: due }) => [id, due?.state])).toEqual([
    [first.id, 'overdue'],
    [second.id, 'due'],
  ]);
});

it('has a position from which every later change is seen', async () => {
  const { position } = await readInbox(broker, lead);
  const request = await broker.ask();
  const changes = await broker.store.listChanges({ after: position, limit: 10 });
  expect(changes.map(({ kind, requestId }) => [kind, requestId])).toEqual([
    ['request.submitted', request.id],
  ]);
});

it('tells a reviewer what to look at before deciding', async () => {
  const earlier = await broker.ask({ durationSeconds: 300 });
  const request = await broker.ask({ scopes: ['prod:db.write'], durationSeconds: 900 });
  const dossier = await readDossier(broker, lead, request.id);
  expect(dossier).toMatchObject({
    mayDecide: true,
    obstacle: null,
    requester: { name: 'dev', groups: ['engineers'] },
    from: { ip: '127.0.0.1', method: 'device' },
    verdicts: [{ scope: 'prod:db.write', outcome: 'needs_people' }],
    unusual: [
      'never asked for prod:db.write on orders before',
      '15 min is longer than any earlier request here (5 min)',
    ],
  });
  expect(dossier.earlier.map(({ id }) => id)).toEqual([earlier.id]);
  expect(await readDossier(broker, dev, request.id)).toMatchObject({
    mayDecide: false,
    obstacle: 'it is your own request',
  });
});

it('shows requests and grants to those whose business they are', async () => {
  broker.policy.outcome = 'automatic';
  const request = await broker.ask();
  const { grant } = await broker.claim(dev, request.id);
  for (const asker of [dev, admin]) {
    expect((await readRequest(broker, asker, request.id)).id).toBe(request.id);
    expect((await readGrant(broker, asker, grant.id)).id).toBe(grant.id);
    expect(await listLive(broker, asker)).toHaveLength(1);
  }
  await expect(readRequest(broker, stranger, request.id)).rejects.toMatchObject({ code: 'not_found' });
  await expect(readGrant(broker, stranger, grant.id)).rejects.toMatchObject({ code: 'not_found' });
  expect(await listLive(broker, stranger)).toEqual([]);
});

it("shows somebody else's history to whoever policy lets read it", async () => {
  await broker.ask();
  expect((await listHistory(broker, admin, { limit: 5, user: 'dev' })).requests).toHaveLength(1);
  expect((await listHistory(broker, stranger, { limit: 5, user: 'dev' })).requests).toEqual([]);
  expect((await listHistory(broker, dev, { limit: 5 })).requests).toHaveLength(1);
});

it('tells nothing of what was asked for elsewhere, where one may neither read nor decide', async () => {
  const elsewhere = await broker.ask({ scopes: ['prod:api.read'], target: 'orders-api' });
  await broker.clock.advance(1);
  const before = await broker.ask({ durationSeconds: 300 });
  const request = await broker.ask({ scopes: ['prod:db.write'] });
  const readIds = async () => (await readDossier(broker, lead, request.id)).earlier.map(({ id }) => id);
  expect(await readIds()).toEqual([before.id, elsewhere.id]);
  broker.policy.may = ({ action, target }) => action === 'approve' && target.name === 'orders';
  expect(await readIds()).toEqual([before.id]);
});
