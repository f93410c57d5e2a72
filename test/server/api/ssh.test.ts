import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GrantDocument } from '../../../src/core/wire/grant.ts';
import { openTestApi, type TestApi } from '../../support/api.ts';
import { dev, lead, openTestBroker, START_AT, type TestBroker } from '../../support/broker.ts';
import { findViolations } from '../../support/faults/invariants.ts';
import { readCertificate } from '../../support/ssh/certificate.ts';
import { openTestSshConnector, PUBLIC_KEY } from '../../support/ssh/connector.ts';
import { until } from '../../support/until.ts';

const LIFE_MS = 120_000;

let api: TestApi;
let broker: TestBroker;

beforeEach(async () => {
  const connectors = new Map([['orders', openTestSshConnector()]]);
  broker = await openTestBroker({ connectors });
  api = await openTestApi(broker);
});
afterEach(async () => {
  expect(await findViolations({ store: broker.store, now: broker.clock.now() })).toEqual([]);
  await api[Symbol.asyncDispose]();
});

async function hold(durationSeconds = 600): Promise<string> {
  const request = await broker.ask({ durationSeconds });
  return (await broker.claim(dev, request.id)).grant.id;
}

const pathOf = (grantId: string): string => `/v1/grants/${grantId}/ssh-certificate`;
const sign = (grantId: string, asker = dev, body: unknown = { public_key: PUBLIC_KEY }) =>
  api.post<{ readonly certificate: string; readonly valid_before: string; readonly code: string }>(
    asker,
    pathOf(grantId),
    body,
  );

async function readGrant(id: string): Promise<GrantDocument> {
  return (await api.get<{ readonly grant: GrantDocument }>(dev, `/v1/grants/${id}`)).body.grant;
}

async function giveBack(id: string): Promise<void> {
  await api.post(dev, `/v1/grants/${id}/revoke`, { because: 'done' });
  await broker.runDue();
}

describe('signing for the holder of a live grant', () => {
  it('answers a certificate, records it and the use', async () => {
    const id = await hold();
    const { status, body } = await sign(id);
    expect(status).toBe(200);
    const { serial, validBefore } = readCertificate(body.certificate);
    expect(Date.parse(body.valid_before)).toBe(validBefore * 1000);
    expect(validBefore * 1000 - broker.clock.now()).toBeLessThanOrEqual(LIFE_MS);
    const events = await broker.store.listEvents({ grantId: id, limit: 10 });
    expect(events.filter(({ kind }) => kind === 'grant.certificate_signed')).toMatchObject([
      {
        actor: 'dev:dev',
        detail: {
          serial: String(serial),
          principals: ['reader', 'ops'],
          address: '127.0.0.1',
          valid_before: START_AT + LIFE_MS,
        },
      },
    ]);
    expect((await broker.store.readGrant(id))?.lastUsedAt).toBe(START_AT);
  });

  it('I5: records nothing that would open a connection', async () => {
    const id = await hold();
    const { body } = await sign(id);
    const events = JSON.stringify(await broker.store.listEvents({ grantId: id, limit: 10 }));
    expect(events).not.toContain(body.certificate.split(' ')[1]);
  });

  it('S2: takes nothing from the client but its key', async () => {
    const id = await hold();
    for (const field of ['principals', 'valid_before', 'source_address', 'key_id', 'scopes']) {
      const { body } = await sign(id, dev, { public_key: PUBLIC_KEY, [field]: 'root' });
      expect(body.code).toBe('bad_message');
    }
  });

  it.each([
    '',
    'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ',
    `${PUBLIC_KEY} a comment`,
    `${PUBLIC_KEY}\n${PUBLIC_KEY}`,
    `${PUBLIC_KEY}A`,
    PUBLIC_KEY.slice(0, -1),
    `command="id" ${PUBLIC_KEY}`,
    PUBLIC_KEY.replace('ssh-ed25519', 'ssh-ed25519-cert-v01@openssh.com'),
  ])('signs no key like %j', async (public_key) => {
    expect((await sign(await hold(), dev, { public_key })).body.code).toBe('bad_message');
  });
});

describe('nothing is signed', () => {
  it('for another’s grant, which is as unknown as one that does not exist', async () => {
    const id = await hold();
    broker.policy.permitted = true;
    expect(await sign(id, lead)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(await sign('gr_none', lead)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect((await broker.store.readGrant(id))?.lastUsedAt).toBeNull();
  });

  it('once the grant has expired, though nobody has ended it yet', async () => {
    const id = await hold();
    broker.clock.advance(600_000);
    expect((await sign(id)).body.code).toBe('no_grant');
    await broker.runDue();
  });

  it('once it was given back', async () => {
    const id = await hold();
    await giveBack(id);
    expect((await sign(id)).body.code).toBe('no_grant');
  });

  it('where the target takes no certificates', async () => {
    const other = await openTestBroker();
    const others = await openTestApi(other);
    const { grant } = await other.claim(dev, (await other.ask()).id);
    const { body } = await others.post(dev, pathOf(grant.id), { public_key: PUBLIC_KEY });
    expect(body.code).toBe('not_found');
    await others[Symbol.asyncDispose]();
  });

  it('when it is given back while the certificate is made', async () => {
    const id = await hold();
    const { recordUse } = broker.store;
    const store = Object.assign(broker.store, {
      recordUse: async (grantId: string, at: number) => {
        await recordUse(grantId, at);
        await api.post(dev, `/v1/grants/${id}/revoke`, { because: 'done' });
      },
    });
    expect((await sign(id)).body.code).toBe('no_grant');
    Object.assign(store, { recordUse });
  });
});

describe('a grant that is over', () => {
  it('has ended at once where nothing was signed', async () => {
    const id = await hold();
    await giveBack(id);
    expect(await readGrant(id)).toMatchObject({ state: 'ended', revocation: { confirmed: true } });
  });

  it('has not ended before the last certificate has, and says when that is', async () => {
    const id = await hold();
    await sign(id);
    broker.clock.advance(50_000);
    await sign(id);
    broker.clock.advance(1_000);
    await giveBack(id);
    const lingers_until = new Date(START_AT + 50_000 + LIFE_MS).toISOString();
    const open = await readGrant(id);
    expect(open).toMatchObject({ state: 'revoking', revocation: { token: 'revoked', confirmed: false } });
    expect(Date.parse(open.revocation.lingers_until ?? '')).toBe(Date.parse(lingers_until));
    broker.clock.advance(LIFE_MS - 1_001);
    await broker.runDue();
    expect(await readGrant(id)).toMatchObject({ state: 'revoking', revocation: { attempts: 0 } });
    broker.clock.advance(1);
    await broker.runDue();
    const ended = await readGrant(id);
    expect(ended).toMatchObject({ state: 'ended', revocation: { confirmed: true, target: 'gone' } });
    expect(ended.revocation).not.toHaveProperty('lingers_until');
  });

  it('is answered as soon as that is known, however long the answer could have waited', async () => {
    const id = await hold();
    await sign(id);
    const wish = { because: 'done', wait_seconds: 30 };
    const answering = api.post<{ readonly grant: GrantDocument }>(dev, `/v1/grants/${id}/revoke`, wish);
    await until('revoking', async () => (await readGrant(id)).state === 'revoking');
    await broker.runDue();
    const { body } = await answering;
    expect(body.grant.revocation.lingers_until).toBeDefined();
  });

  it('I3: has ended with its time: no certificate goes beyond it', async () => {
    const id = await hold();
    broker.clock.advance(599_000);
    await sign(id);
    broker.clock.advance(1_000);
    await broker.runDue();
    expect(await readGrant(id)).toMatchObject({ state: 'ended', ended_because: 'expired' });
  });
});

describe('what is published', () => {
  it('is the authority of a target, to everybody', async () => {
    const response = await api.app.request('/v1/targets/orders/ssh-ca');
    expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
    const line = await response.text();
    expect(line).toMatch(/^ssh-ed25519 AAAA\S+ jit-orders\n$/);
    const { body } = await sign(await hold());
    expect(readCertificate(body.certificate).authority).toBe(line.split(' ')[1]);
    expect((await api.app.request('/v1/targets/elsewhere/ssh-ca')).status).toBe(404);
  });

  it('is where one connects to, for who is logged in', async () => {
    const { body } = await api.get(dev, '/v1/ssh-targets');
    expect(body).toEqual({ targets: [{ name: 'orders', host: 'web.example.com', port: 22 }] });
  });
});
