import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Asker } from '../../../src/broker/parts.ts';
import { openTestApi, type TestApi } from '../../support/api.ts';
import { dev, lead, other } from '../../support/broker.ts';

type Revoked = {
  readonly grants: readonly { readonly id: string; readonly state: string }[];
  readonly cancelled: number;
  readonly sessions_ended: number;
};

let api: TestApi;

beforeEach(async () => {
  api = await openTestApi();
  api.broker.policy.may = ({ action, principal }) =>
    action === 'approve' || (action === 'revoke' && principal.name === 'lead');
});

afterEach(async () => {
  expect(api.errors).toEqual([]);
  await api[Symbol.asyncDispose]();
});

async function hold(asker: Asker, target = 'orders'): Promise<string> {
  const request = await api.broker.ask({ target }, asker);
  return (await api.broker.claim(asker, request.id)).grant.id;
}

describe('whose grants', () => {
  it.each([
    ['a person', 'user=dev', ['dev']],
    ['a person, by subject', 'user=dev%3Adev', ['dev']],
    ['a target', 'target=orders', ['dev', 'other']],
    ['a person at a target', 'user=other&target=orders', ['other']],
    ['a target that has none', 'target=orders-api', []],
    ['everybody, when it is said', 'everyone=true', ['dev', 'other']],
  ])('are those of %s', async (_, query, holders) => {
    await hold(dev);
    await hold(other);
    const { status, body } = await api.get<{ readonly grants: readonly { readonly held_by: string }[] }>(
      lead,
      `/v1/grants?${query}`,
    );
    expect(status).toBe(200);
    expect(body.grants.map((grant) => grant.held_by).toSorted()).toEqual(holders);
  });

  it('are one’s own alone, for those whom policy lets take no others', async () => {
    const own = await hold(dev);
    await hold(other);
    const { body } = await api.get(dev, '/v1/grants?everyone=true');
    expect(body).toMatchObject({ grants: [{ id: own }] });
  });

  it.each([
    [''],
    ['everyone=false'],
    ['everyone=1'],
    ['everyone=true&user=dev'],
    ['everyone=true&target=orders'],
    ['user='],
    ['target=..%2Forders'],
    ['usr=dev'],
    ['user=dev&state=active'],
    [`user=${'x'.repeat(257)}`],
  ])('INP-01: must be said: "%s" is refused', async (query) => {
    const answer = await api.get(lead, `/v1/grants?${query}`);
    expect(answer).toMatchObject({ status: 400, body: { code: 'bad_message' } });
  });
});

describe('taking away many', () => {
  const revoke = (asker: Asker, body: unknown) => api.post<Revoked>(asker, '/v1/revocations', body);

  it('ends all that one person has, what they asked for and their logins', async () => {
    const id = await hold(dev);
    const spared = await hold(other);
    api.broker.policy.outcome = 'needs_people';
    await api.broker.ask({ scopes: ['prod:db.write'] });
    const { status, body } = await revoke(lead, { user: 'dev' });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      grants: [{ id, state: 'revoking', ended_because: 'revoked', revocation: { token: 'revoked' } }],
      cancelled: 1,
      sessions_ended: 1,
    });
    expect(api.broker.loggedOut).toEqual(['dev:dev']);
    expect((await api.broker.store.readGrant(spared))?.state).toBe('active');
  });

  it('waits for proof, as long as it is told to', async () => {
    const ids = [await hold(dev), await hold(other)];
    const answer = revoke(lead, { everyone: true, wait_seconds: 30 });
    await expect
      .poll(async () => (await api.broker.store.listGrants({ states: ['revoking'], limit: 9 })).length)
      .toBe(2);
    await api.broker.runDue();
    const { grants } = (await answer).body;
    expect(grants.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
    expect(grants.map(({ state }) => state)).toEqual(['ended', 'ended']);
  });

  it('sent again finds nothing left, and harms nobody', async () => {
    await hold(dev);
    await revoke(lead, { target: 'orders' });
    await api.broker.runDue();
    expect((await revoke(lead, { target: 'orders' })).body).toEqual({
      grants: [],
      cancelled: 0,
      sessions_ended: 0,
    });
  });

  it('takes nobody else’s where policy does not let', async () => {
    const id = await hold(other);
    expect((await revoke(dev, { everyone: true })).body).toMatchObject({ grants: [], cancelled: 0 });
    expect((await api.broker.store.readGrant(id))?.state).toBe('active');
  });

  it.each([
    [{}],
    [{ wait_seconds: 5 }],
    [{ everyone: false }],
    [{ everyone: 'true' }],
    [{ everyone: true, user: 'dev' }],
    [{ user: null }],
    [{ user: '' }],
    [{ target: 'or ders' }],
    [{ users: ['dev'] }],
    [{ user: 'dev', wait_seconds: 31 }],
    [{ user: 'dev', because: 'left' }],
  ])('S2: ends nothing when it is not said of whom: %j', async (body) => {
    const id = await hold(dev);
    expect(await revoke(lead, body)).toMatchObject({ status: 400, body: { code: 'bad_message' } });
    expect((await api.broker.store.readGrant(id))?.state).toBe('active');
  });
});

describe('history', () => {
  it('is one’s own, or somebody else’s as far as policy lets one read it', async () => {
    const id = await hold(dev);
    const read = (asker: Asker) => api.get(asker, '/v1/history?user=dev');
    expect((await read(other)).body).toMatchObject({ requests: [], grants: [] });
    api.broker.policy.may = ({ action, principal }) => action === 'read' && principal.name === 'other';
    expect((await read(other)).body).toMatchObject({ requests: [{ requested_by: 'dev' }], grants: [{ id }] });
    expect((await api.get(other, '/v1/history')).body).toMatchObject({ requests: [], grants: [] });
  });

  it.each(['', 'x'.repeat(257)])('INP-01: refuses the user "%s"', async (user) => {
    const answer = await api.get(lead, `/v1/history?user=${user}`);
    expect(answer).toMatchObject({ status: 400, body: { code: 'bad_message' } });
  });
});
