import { afterEach, beforeEach, expect, it } from 'vitest';
import { CERTIFICATES_PER_PERSON, SWEEPS_PER_PERSON } from '../../../src/core/limits.ts';
import { openTestApi, type TestApi } from '../../support/api.ts';
import { dev, lead, openTestBroker } from '../../support/broker.ts';
import { openTestSshConnector, PUBLIC_KEY } from '../../support/ssh/connector.ts';

const ASKED = { scopes: ['prod:db.read'], target: 'orders', duration_seconds: 600, reason: 'INC-4211 slow' };
const own = { openRequests: 20, liveGrants: 20, callsPerMinute: 3 };

let api: TestApi;

beforeEach(async () => {
  api = await openTestApi();
  Object.assign(api.broker.settings, { limits: { people: own, workloads: own } });
});

afterEach(() => api[Symbol.asyncDispose]());

it('INP-01: every token that is signed again is counted too: each is on record for ever', async () => {
  const request = await api.broker.ask();
  await api.broker.claim(dev, request.id);
  const statuses: number[] = [];
  for (let call = 0; call < 4; call += 1)
    statuses.push((await api.post(dev, `/v1/requests/${request.id}/token`, {})).status);
  expect(statuses).toEqual([200, 200, 200, 429]);
  const events = await api.broker.store.listEvents({ requestId: request.id, limit: 99 });
  expect(events.filter(({ kind }) => kind === 'grant.redelivered')).toHaveLength(3);
});

const preview = (asker = dev) =>
  api.send(asker, '/v1/previews', { method: 'POST', body: JSON.stringify(ASKED) });

it('INP-01: one asks, claims and looks ahead so often in a minute, and is told when that is over', async () => {
  const request = await api.broker.ask();
  const claim = () => api.post(dev, `/v1/requests/${request.id}/claim`, {});
  expect([(await preview()).status, (await claim()).status]).toEqual([200, 200]);
  const headers = { 'idempotency-key': 'one' };
  const init = { method: 'POST', body: JSON.stringify({ ...ASKED, scopes: ['prod:db.write'] }), headers };
  expect((await api.send(dev, '/v1/requests', init)).status).toBe(200);
  const refused = await preview();
  expect(refused.status).toBe(429);
  expect(refused.headers.get('retry-after')).toBe('60');
  expect(await refused.json()).toMatchObject({
    code: 'too_many',
    detail: 'too many requests in a minute: you may ask 3 times',
    hint: 'try again in 1 min',
  });
  expect(await claim()).toMatchObject({ status: 429 });
  expect((await preview(lead)).status).toBe(200);
  await api.broker.clock.advance(60_000);
  expect((await preview()).status).toBe(200);
});

it('INP-01: looking at the grants of many, and revoking many, is counted, and not with what one asks for', async () => {
  for (let call = 0; call < own.callsPerMinute; call += 1) await preview();
  expect((await preview()).status).toBe(429);
  for (let call = 2; call < SWEEPS_PER_PERSON; call += 1) api.broker.keepPace(dev, 'sweeps');
  const look = () => api.get(dev, '/v1/grants?everyone=true');
  const take = () => api.post(dev, '/v1/revocations', { target: 'orders', wait_seconds: 0 });
  expect([(await look()).status, (await take()).status]).toEqual([200, 200]);
  const refused = { status: 429, body: { code: 'too_many' } };
  expect(await look()).toMatchObject(refused);
  expect(await take()).toMatchObject(refused);
  expect((await api.get(lead, '/v1/grants?everyone=true')).status).toBe(200);
  await api.broker.clock.advance(60_000);
  expect((await take()).status).toBe(200);
});

it('INP-01: certificates are counted, each is on record for ever; a hundred at once are not too many', async () => {
  const broker = await openTestBroker({ connectors: new Map([['orders', openTestSshConnector()]]) });
  await using served = await openTestApi(broker);
  const { grant } = await broker.claim(dev, (await broker.ask()).id);
  const sign = async (): Promise<number> => {
    const body = { public_key: PUBLIC_KEY };
    return (await served.post(dev, `/v1/grants/${grant.id}/ssh-certificate`, body)).status;
  };
  const statuses = await Promise.all(Array.from({ length: 100 }, sign));
  expect(new Set(statuses)).toEqual(new Set([200]));
  for (let call = 101; call < CERTIFICATES_PER_PERSON; call += 1) broker.keepPace(dev, 'certificates');
  expect([await sign(), await sign()]).toEqual([200, 429]);
  const events = await broker.store.listEvents({ grantId: grant.id, limit: 200 });
  expect(events.filter(({ kind }) => kind === 'grant.certificate_signed')).toHaveLength(101);
  expect((await served.get(dev, '/v1/grants?everyone=true')).status).toBe(200);
});
