import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { revoke } from '../../../src/broker/revocation/revoke.ts';
import { fail, hasCode } from '../../../src/core/errors.ts';
import type { Grant } from '../../../src/core/grant.ts';
import type { Channel, ChannelMessage } from '../../../src/core/ports/channel.ts';
import { buildAsker, dev, openTestBroker, type TestBroker } from '../../support/broker.ts';
import { findViolations } from '../../support/faults/invariants.ts';

const ALERT_MS = 300_000;

let broker: TestBroker;
let told: ChannelMessage[];

beforeEach(async () => {
  told = [];
  const pager: Channel = {
    name: 'pager',
    deliver: async (message) => {
      told.push(message);
      return { reference: null };
    },
    close: async () => {},
  };
  broker = await openTestBroker({ channels: new Map([['pager', pager]]) });
  broker.target.failAt('remove', 'connection refused');
});

afterEach(async () => {
  const { store, clock, connectors } = broker;
  expect(await findViolations({ store, connectors, now: clock.now() })).toEqual([]);
  await store.close();
});

async function giveBack(asker = dev): Promise<Grant> {
  const { grant } = await broker.claim(asker, (await broker.ask({}, asker)).id);
  await revoke(broker, { asker, grantId: grant.id, because: 'done' });
  await broker.runDue();
  return grant;
}

async function passTime(ms: number): Promise<void> {
  for (let passedMs = 0; passedMs < ms; passedMs += 10_000) {
    await broker.clock.advance(Math.min(10_000, ms - passedMs));
    await broker.runDue().catch(requireChannelFailure);
  }
}

// Told to whoever runs the server, who is not there.
function requireChannelFailure(error: unknown): void {
  if (!hasCode(error, 'channel_failed')) throw error;
}

const listKinds = () => told.map(({ notice }) => notice.kind);

async function listEvents(kind: string) {
  return (await broker.store.listEvents({ limit: 999 })).filter((event) => event.kind === kind);
}

describe('S5: a revocation that is not confirmed', () => {
  it('calls people after the time that is set, once, and says which, how often and why', async () => {
    const grant = await giveBack();
    await passTime(ALERT_MS - 1);
    expect(told).toEqual([]);
    await passTime(1);
    expect(listKinds()).toEqual(['grant.revocation_overdue']);
    const revocation = { lastError: expect.stringContaining('connection refused'), confirmed: false };
    expect(told[0]?.grant).toMatchObject({ id: grant.id, state: 'revoking', revocation });
    expect(await listEvents('grant.revocation_overdue')).toMatchObject([
      { actor: 'system', grantId: grant.id, detail: { attempts: expect.any(Number) } },
    ]);
    await passTime(3 * ALERT_MS);
    expect(told).toHaveLength(1);
  });

  it('tells them again when it is confirmed', async () => {
    const grant = await giveBack();
    await passTime(ALERT_MS);
    broker.target.failAt('remove', undefined);
    await passTime(90_000);
    expect(listKinds()).toEqual(['grant.revocation_overdue', 'grant.revocation_confirmed']);
    expect(told[1]?.grant).toMatchObject({ id: grant.id, state: 'ended', revocation: { confirmed: true } });
    expect(await broker.store.findNextWorkAt()).toBeUndefined();
  });

  it('calls nobody where it is confirmed in time', async () => {
    await giveBack();
    await passTime(60_000);
    broker.target.failAt('remove', undefined);
    await passTime(2 * ALERT_MS);
    expect(told).toEqual([]);
    expect(await listEvents('grant.revocation_overdue')).toEqual([]);
  });

  it('is told once for a target that is away, however many wait for it, and stands in the record of each', async () => {
    for (const name of ['ann', 'ben', 'eve']) await giveBack(buildAsker(name));
    await passTime(ALERT_MS + 10_000);
    expect(listKinds()).toEqual(['grant.revocation_overdue']);
    expect(await listEvents('grant.revocation_overdue')).toHaveLength(3);
    broker.target.failAt('remove', undefined);
    await passTime(90_000);
    expect(listKinds()).toEqual(['grant.revocation_overdue', 'grant.revocation_confirmed']);
    broker.target.failAt('remove', 'connection refused');
    await giveBack();
    await passTime(ALERT_MS);
    expect(listKinds().slice(2)).toEqual(['grant.revocation_overdue']);
  });

  it('is told of the next one, where the one that people were called about is confirmed and another is not', async () => {
    const [ann, ben] = [await giveBack(buildAsker('ann')), await giveBack(buildAsker('ben'))];
    await passTime(ALERT_MS + 10_000);
    broker.target.failAt('remove', undefined);
    broker.target.failAt('remove', 'a prepared transaction of it is open', ben.handle ?? '');
    await passTime(90_000);
    expect(told.map(({ notice, grant }) => [notice.kind, grant?.id])).toEqual([
      ['grant.revocation_overdue', ann.id],
      ['grant.revocation_confirmed', ann.id],
    ]);
    await passTime(ALERT_MS);
    expect(told.slice(2).map(({ notice, grant }) => [notice.kind, grant?.id])).toEqual([
      ['grant.revocation_overdue', ben.id],
    ]);
    await passTime(3 * ALERT_MS);
    expect(told).toHaveLength(3);
    expect(await listEvents('grant.revocation_overdue')).toHaveLength(3);
    broker.target.failAt('remove', undefined, ben.handle ?? '');
    await passTime(90_000);
    expect(listKinds().slice(3)).toEqual(['grant.revocation_confirmed']);
    expect(await broker.store.findNextWorkAt()).toBeUndefined();
  });

  it('is no news any more by the time a channel is back, where it is confirmed by then', async () => {
    const pager = broker.channels.get('pager');
    let isAway = true;
    const deliver = pager?.deliver.bind(pager);
    Object.assign(pager ?? {}, {
      deliver: async (message: ChannelMessage, options: { readonly deadlineAt: number }) => {
        if (isAway) throw fail('channel_failed', { channel: 'pager', why: 'no route' });
        return deliver?.(message, options);
      },
    });
    await giveBack();
    await passTime(ALERT_MS);
    broker.target.failAt('remove', undefined);
    await passTime(90_000);
    expect(await broker.store.listGrants({ states: ['revoking'], limit: 1 })).toEqual([]);
    isAway = false;
    await passTime(400_000);
    expect(listKinds()).toEqual(['grant.revocation_confirmed']);
  });
});
