import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildEvent } from '../../../src/broker/events.ts';
import { buildDelivery } from '../../../src/broker/notice/notices.ts';
import { revoke } from '../../../src/broker/revocation/revoke.ts';
import type { LogEntry } from '../../../src/core/ports/log.ts';
import { tellOfStore } from '../../../src/server/keeping/told-store.ts';
import { dev, openTestBroker, type TestBroker } from '../../support/broker.ts';

let plain: TestBroker;
let broker: TestBroker;
let entries: LogEntry[];

beforeEach(async () => {
  entries = [];
  plain = await openTestBroker();
  const store = tellOfStore(plain.store, (entry) => entries.push(entry));
  broker = await openTestBroker({ store, clock: plain.clock, connectors: plain.connectors });
});

afterEach(() => plain.store.close());

const listTrouble = (): readonly LogEntry[] => entries.filter(({ level }) => level !== 'debug');

describe('what the server tells of what it commits', () => {
  it('is little where all goes well', async () => {
    const { grant } = await broker.claim(dev, (await broker.ask()).id);
    await revoke(broker, { asker: dev, grantId: grant.id, because: 'done' });
    await broker.runDue();
    expect(entries.map(({ event }) => event)).toContain('grant.ended');
    expect(listTrouble()).toEqual([]);
  });

  it('S5: is every removal that failed, with the grant and the reason', async () => {
    const { grant } = await broker.claim(dev, (await broker.ask()).id);
    plain.target.failAt('remove', 'connection refused');
    await revoke(broker, { asker: dev, grantId: grant.id, because: 'done' });
    await broker.runDue();
    expect(listTrouble()).toEqual([
      {
        level: 'warn',
        event: 'grant.revocation_failed',
        fields: expect.objectContaining({
          grant: grant.id,
          attempts: 1,
          why: expect.stringContaining('connection refused'),
        }),
      },
    ]);
  });

  it('is every message to people that was not taken', async () => {
    const request = await broker.ask();
    const notice = {
      id: 'ntc_1',
      channel: 'slack',
      kind: 'request.pending',
      requestId: request.id,
      createdAt: plain.clock.now(),
      state: 'waiting',
      attempts: 2,
      reference: null,
      lastError: 'slack: 500',
      settledAt: null,
    } as const;
    const work = buildDelivery(notice, notice.createdAt);
    const event = buildEvent(plain, { kind: 'request.reminded', actor: 'system' });
    await plain.store.commit({
      event,
      notices: [{ ...notice, attempts: 0, lastError: null }],
      work: [{ queue: work }],
    });
    const [taken] = await plain.store.takeWork({ now: plain.clock.now(), leaseMs: 1, limit: 1 });
    expect(taken?.id).toBe(work.id);
    const record = { notice, taken: { ...work, leasedUntil: plain.clock.now() + 1 }, again: work };
    await broker.store.recordDelivery(record);
    await broker.store.recordDelivery(record);
    const accepted = { ...notice, state: 'accepted', lastError: null } as const;
    await broker.store.recordDelivery({ ...record, notice: accepted, again: null });
    expect(listTrouble()).toEqual([
      {
        level: 'warn',
        event: 'channel.failed',
        fields: {
          channel: 'slack',
          notice: 'request.pending',
          request: request.id,
          attempts: 2,
          why: 'slack: 500',
        },
      },
    ]);
  });
});
