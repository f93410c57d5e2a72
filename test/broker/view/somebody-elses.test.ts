import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cancel } from '../../../src/broker/request/requests.ts';
import { submit } from '../../../src/broker/request/submit.ts';
import { revoke } from '../../../src/broker/revocation/revoke.ts';
import { listHistory, readStatus } from '../../../src/broker/view/query.ts';
import type { Grant } from '../../../src/core/grant.ts';
import { buildAsked, dev, lead, openTestBroker, type TestBroker } from '../../support/broker.ts';

let broker: TestBroker;
let grant: Grant;

beforeEach(async () => {
  broker = await openTestBroker();
  grant = (await broker.claim(dev, (await broker.ask()).id)).grant;
});

afterEach(() => broker.store.close());

describe("S3: somebody else's grant", () => {
  it.each([true, false])('is never lengthened nor delivered (break-glass: %s)', async (breakGlass) => {
    const attempt = broker.ask({ extendsGrantId: grant.id, breakGlass, durationSeconds: 3600 }, lead);
    await expect(attempt).rejects.toMatchObject({ code: breakGlass ? 'bad_message' : 'not_found' });
    expect(await broker.store.readGrant(grant.id)).toEqual(grant);
  });

  it('TOK-04: stays out of reach of a request that was stored wrongly', async () => {
    const own = await broker.ask({ scopes: ['prod:db.write'] }, lead);
    const forged = { ...own, extendsGrantId: grant.id, id: 'req_forged' as const };
    const { store } = broker;
    const reading = { ...store, readRequest: async () => forged };
    const other = await openTestBroker({ store: reading });
    await expect(other.claim(lead, forged.id)).rejects.toMatchObject({ code: 'no_grant' });
    expect(await store.readGrant(grant.id)).toEqual(grant);
    await other.store.close();
  });

  it('cannot be moved by a request of another person: the store refuses', async () => {
    const own = await broker.ask({ scopes: ['prod:db.write'] }, lead);
    const commit = broker.store.commit({
      request: {
        before: own,
        after: { ...own, state: 'claimed', grantId: grant.id, version: own.version + 1 },
      },
      grant: { before: grant, after: { ...grant, version: grant.version + 1 } },
      event: {
        id: `ev_${randomUUID()}`,
        kind: 'grant.extended',
        at: broker.clock.now(),
        actor: 'dev:lead',
        requestId: own.id,
        grantId: grant.id,
        detail: {},
      },
    });
    await expect(commit).rejects.toMatchObject({ code: 'failed' });
  });

  it('that is taken away says revoked, whatever the taker calls it', async () => {
    broker.policy.permitted = true;
    const revoking = await revoke(broker, { asker: lead, grantId: grant.id, because: 'done' });
    expect(revoking).toMatchObject({ state: 'revoking', endedBecause: 'revoked' });
  });
});

describe('a scope that left the catalogue', () => {
  it('breaks neither status nor history nor taking back, and can still be revoked', async () => {
    broker.policy.outcome = 'needs_people';
    const pending = await broker.ask({ scopes: ['prod:db.write'] });
    const catalogue = { ...broker.catalogue, scopes: [] };
    const without = { ...broker, catalogue };
    expect((await readStatus(without, dev)).requests).toHaveLength(1);
    expect((await listHistory(without, dev, { limit: 10 })).requests).toHaveLength(2);
    expect(await cancel(without, dev, pending.id)).toMatchObject({ state: 'cancelled' });
    broker.policy.permitted = false;
    const refused = revoke(without, { asker: lead, grantId: grant.id, because: 'revoked' });
    await expect(refused).rejects.toMatchObject({ code: 'not_found' });
    broker.policy.permitted = true;
    expect(await revoke(without, { asker: lead, grantId: grant.id, because: 'revoked' })).toMatchObject({
      state: 'revoking',
    });
  });
});

describe('policy at the moment of delivery', () => {
  it('is asked again before a live grant is delivered again', async () => {
    broker.policy.outcome = 'denied';
    await expect(broker.claim(dev, grant.requestId)).rejects.toMatchObject({ code: 'denied' });
  });

  it('a maximum that was lowered since the approval holds', async () => {
    const asked = buildAsked({ scopes: ['prod:db.write'], durationSeconds: 3600 });
    const { request } = await submit(broker, { asker: dev, asked, idempotencyKey: randomUUID() });
    const scopes = broker.catalogue.scopes.map((scope) => ({ ...scope, maxSeconds: 900 }));
    const lowered = await openTestBroker({ store: broker.store, catalogue: { ...broker.catalogue, scopes } });
    const { grant: given } = await lowered.claim(dev, request.id);
    expect(given.expiresAt - given.claimedAt).toBe(900_000);
    expect(given.latestEndAt).toBe(given.expiresAt);
  });
});
