import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { beginRevocation, revoke } from '../../../src/broker/revocation/revoke.ts';
import { revokeMany } from '../../../src/broker/revocation/revoke-many.ts';
import { readGrant } from '../../../src/broker/view/query.ts';
import { END_CAUSES, type Grant } from '../../../src/core/grant.ts';
import { dev, lead, openTestBroker, type TestBroker } from '../../support/broker.ts';
import { findViolations } from '../../support/faults/invariants.ts';

let broker: TestBroker;
let grant: Grant;

beforeEach(async () => {
  broker = await openTestBroker();
  grant = (await broker.claim(dev, (await broker.ask()).id)).grant;
});

afterEach(async () => {
  await broker.runDue();
  const { store, clock, connectors } = broker;
  expect(await findViolations({ store, connectors, now: clock.now() })).toEqual([]);
  await store.close();
});

describe('revoking', () => {
  it("one's own grant: the token is dead at once, and nothing says ended before the target was looked at", async () => {
    const revoking = await revoke(broker, { asker: dev, grantId: grant.id, because: 'done' });
    expect(revoking).toMatchObject({
      state: 'revoking',
      endedBecause: 'done',
      endedAt: null,
      revocation: { token: 'revoked', target: 'removing', confirmed: false },
    });
    expect(broker.woken()).toBe(1);
    expect(await broker.runDue()).toEqual([`remove:${grant.id}`]);
    expect(await broker.store.readGrant(grant.id)).toMatchObject({
      state: 'ended',
      endedAt: broker.clock.now(),
      revocation: { target: 'gone', confirmed: true, sessionsEnded: 1 },
    });
  });

  it('twice is once, with the first cause', async () => {
    await revoke(broker, { asker: dev, grantId: grant.id, because: 'done' });
    const again = await revoke(broker, { asker: dev, grantId: grant.id, because: 'revoked' });
    expect(again).toMatchObject({ state: 'revoking', endedBecause: 'done', version: grant.version + 1 });
    await broker.runDue();
    const ended = await revoke(broker, { asker: dev, grantId: grant.id, because: 'revoked' });
    expect(ended).toMatchObject({ state: 'ended', endedBecause: 'done' });
  });

  it("somebody else's grant where policy permits it; otherwise there is no such grant", async () => {
    const order = { asker: lead, grantId: grant.id, because: 'revoked' } as const;
    await expect(revoke(broker, order)).rejects.toMatchObject({ code: 'not_found' });
    await expect(revoke(broker, { ...order, grantId: 'gr_none' })).rejects.toMatchObject({
      code: 'not_found',
    });
    broker.policy.permitted = true;
    await expect(revoke(broker, order)).resolves.toMatchObject({
      state: 'revoking',
      endedBecause: 'revoked',
    });
    const events = await broker.store.listEvents({ grantId: grant.id, limit: 9 });
    expect(events.at(-1)).toMatchObject({ kind: 'grant.revoking', actor: 'dev:lead' });
  });

  it('names who took it from its holder, once it is proved as well, and nobody where it was given back', async () => {
    broker.policy.permitted = true;
    await revoke(broker, { asker: lead, grantId: grant.id, because: 'done' });
    expect(await readGrant(broker, dev, grant.id)).toMatchObject({
      endedBy: 'lead',
      endedBecause: 'revoked',
    });
    await broker.runDue();
    expect(await readGrant(broker, dev, grant.id)).toMatchObject({ endedBy: 'lead', state: 'ended' });
    const own = (await broker.claim(dev, (await broker.ask()).id)).grant;
    await revoke(broker, { asker: dev, grantId: own.id, because: 'revoked' });
    expect(await readGrant(broker, dev, own.id)).not.toHaveProperty('endedBy');
    const other = (await broker.claim(dev, (await broker.ask()).id)).grant;
    await revokeMany(broker, lead, { user: 'dev', target: null });
    expect(await readGrant(broker, dev, other.id)).toMatchObject({ endedBy: 'lead' });
  });

  it('S1, I2: 32 at once, for every cause, end it once, with one cause and one trail', async () => {
    const endings = Array.from({ length: 32 }, (_, index) => {
      const because = END_CAUSES[index % END_CAUSES.length] ?? 'done';
      return beginRevocation(broker, grant, { because, actor: `caller ${index}` });
    });
    const seen = await Promise.all(endings);
    expect(new Set(seen.map((row) => `${row.state} ${row.endedBecause}`)).size).toBe(1);
    await broker.runDue();
    const kinds = (await broker.store.listEvents({ grantId: grant.id, limit: 99 })).map(({ kind }) => kind);
    expect(kinds.slice(2)).toEqual([expect.stringMatching(/revoking|failed/), 'grant.ended']);
  });
});
