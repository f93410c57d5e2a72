import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPrometheusMeter } from '../../../src/adapters/metrics/prometheus.ts';
import { revoke } from '../../../src/broker/revocation/revoke.ts';
import type { AuditEvent } from '../../../src/core/audit/event.ts';
import type { Grant } from '../../../src/core/grant.ts';
import { measureStore } from '../../../src/server/metrics/measured-store.ts';
import { dev, openTestBroker, type TestBroker } from '../../support/broker.ts';

type Counted = { readonly outcomes: string[]; readonly lags: number[] };

let broker: TestBroker;
let measured: TestBroker;
let counted: Counted;

beforeEach(async () => {
  counted = { outcomes: [], lags: [] };
  const meter = {
    countOutcome: (outcome: string) => void counted.outcomes.push(outcome),
    observeRevocation: (seconds: number) => void counted.lags.push(seconds),
  };
  broker = await openTestBroker();
  const store = measureStore(broker.store, { meter, clock: broker.clock });
  measured = await openTestBroker({ store, clock: broker.clock, connectors: broker.connectors });
});

afterEach(async () => {
  await broker.store.close();
});

async function hold(): Promise<Grant> {
  return (await measured.claim(dev, (await measured.ask()).id)).grant;
}

async function findAnyEvent({ id }: Grant): Promise<AuditEvent> {
  const [event] = await broker.store.listEvents({ grantId: id, limit: 1 });
  if (!event) throw new Error('it is on record');
  return event;
}

async function read() {
  return broker.store.readFigures(broker.clock.now());
}

describe('the figures of the store', () => {
  it('are nothing where there is nothing', async () => {
    expect(await read()).toEqual({
      at: broker.clock.now(),
      grants: { provisioning: 0, active: 0, revoking: 0 },
      openRequests: { pending: 0, approved: 0 },
      unconfirmed: { count: 0, oldestAt: null },
      due: {},
      isShortOfRoom: false,
    });
  });

  it('count what is open, live and due, and since when the oldest waits', async () => {
    const grant = await hold();
    await broker.clock.advance(700_000);
    expect(await read()).toMatchObject({
      grants: { active: 1 },
      due: { expire: { count: 1, oldestAt: grant.expiresAt } },
    });
  });

  it('S5: say how many ends are not proved, and since when, however often it was tried', async () => {
    const grant = await hold();
    const orderedAt = broker.clock.now();
    broker.target.failAt('remove', 'connection refused');
    await revoke(measured, { asker: dev, grantId: grant.id, because: 'done' });
    await measured.runDue();
    await broker.clock.advance(400_000);
    expect(await read()).toMatchObject({
      grants: { revoking: 1, active: 0 },
      unconfirmed: { count: 1, oldestAt: orderedAt },
    });
    const { text } = await createPrometheusMeterOnce(await read());
    expect(text).toContain('jit_revocation_unconfirmed_oldest_seconds 400');
    expect(text).toContain('jit_work_due{kind="remove"} 1');
  });
});

async function createPrometheusMeterOnce(figures: Awaited<ReturnType<typeof read>>) {
  const meter = createPrometheusMeter();
  try {
    return await meter.render({ failing: [], limits: [], figures });
  } finally {
    meter.close();
  }
}

describe('what a process counts of what it commits', () => {
  it('is what became of requests, once each', async () => {
    await hold();
    expect(counted.outcomes).toEqual(['approved', 'claimed']);
  });

  it('is how late a revocation is: from the order on', async () => {
    const grant = await hold();
    broker.target.failAt('remove', 'connection refused');
    await revoke(measured, { asker: dev, grantId: grant.id, because: 'done' });
    await measured.runDue();
    broker.target.failAt('remove', undefined);
    await broker.clock.advance(3_000);
    await measured.runDue();
    await expect.poll(() => counted.lags).toEqual([3]);
  });

  it('I3: counts from its end where it ran out, however late anybody noticed', async () => {
    const { expiresAt } = await hold();
    await broker.clock.advance(expiresAt - broker.clock.now() + 20_000);
    await measured.runDue();
    await expect.poll(() => counted.lags).toEqual([20]);
  });

  it('is not the time in which a certificate runs out by itself: that is known, and nobody is late', async () => {
    const grant = await hold();
    const at = (version: number, change: Partial<Grant>): Grant => ({ ...grant, ...change, version });
    const lingering = { ...grant.revocation, lingersUntil: grant.expiresAt };
    const path = [
      grant,
      at(9, { state: 'revoking', endedBecause: 'done' }),
      at(10, { state: 'revoking', revocation: lingering }),
      at(11, { state: 'revoking', revocation: { ...lingering, attempts: 1 } }),
      at(12, { state: 'ended' }),
    ];
    const store = { ...broker.store, commit: async () => 'committed' as const };
    const meter = {
      countOutcome: () => {},
      observeRevocation: (late: number) => void counted.lags.push(late),
    };
    const { commit } = measureStore(store, { meter, clock: broker.clock });
    for (const [index, after] of path.slice(1).entries()) {
      await broker.clock.advance(2_000);
      const before = path[index] ?? grant;
      await commit({ grant: { before, after }, event: await findAnyEvent(grant) });
    }
    await expect.poll(() => counted.lags).toEqual([2]);
  });

  it('counts from the order also where another process gave it', async () => {
    const grant = await hold();
    broker.target.failAt('remove', 'connection refused');
    await revoke(broker, { asker: dev, grantId: grant.id, because: 'done' });
    await broker.clock.advance(8_000);
    broker.target.failAt('remove', undefined);
    await measured.runDue();
    await expect.poll(() => counted.lags).toEqual([8]);
  });
});
