import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Delivery } from '../../../src/broker/grant/delivery.ts';
import { revoke } from '../../../src/broker/revocation/revoke.ts';
import type { AccessRequest } from '../../../src/core/request.ts';
import { dev, openTestBroker, type TestBroker } from '../../support/broker.ts';
import { createScriptedConnector } from '../../support/fakes/scripted-connector.ts';
import { slowDown } from '../../support/fakes/slow-connector.ts';
import { findViolations } from '../../support/faults/invariants.ts';
import { createRandom } from '../../support/random.ts';

const ROUNDS = 150;

let first: TestBroker;

beforeEach(async () => {
  first = await openTestBroker();
});

afterEach(async () => {
  const { store, clock, connectors } = first;
  await first.runDue();
  expect(await findViolations({ store, connectors, now: clock.now() })).toEqual([]);
  await store.close();
});

/** Another replica: the same store, time and targets, and its own turns. */
function openReplica(overrides: Partial<TestBroker> = {}): Promise<TestBroker> {
  const { store, clock, connectors } = first;
  return openTestBroker({ store, clock, connectors, ...overrides });
}

function readPassword({ credential }: Delivery): string | undefined {
  return credential?.secretEnvironment.PGPASSWORD?.reveal();
}

async function listKinds(request: AccessRequest): Promise<readonly string[]> {
  const events = await first.store.listEvents({ requestId: request.id, limit: 99 });
  return events.map(({ kind }) => kind);
}

describe('two replicas that claim one request', () => {
  it('one whose password was replaced by the other before it was tried takes nothing away', async () => {
    const second = await openReplica();
    const request = await first.ask();
    const other: Promise<Delivery>[] = [];
    first.target.before('probe', async () => {
      other.push(second.claim(dev, request.id));
      await expect.poll(async () => (await first.store.readRequest(request.id))?.state).toBe('claimed');
    });
    const deliveries = [await first.claim(dev, request.id), ...(await Promise.all(other))];
    expect(await first.store.findLiveGrant(request.id)).toMatchObject({ state: 'active' });
    const live = [...first.target.live.values()].map(({ password }) => password);
    expect(deliveries.map(readPassword)).toContain(live[0]);
    expect(await listKinds(request)).not.toContain('grant.failed');
  });

  it('one whose target failed late does not take away what the other has delivered', async () => {
    const broken = createScriptedConnector();
    const late = await openReplica({ connectors: new Map([['orders', broken]]) });
    const request = await first.ask();
    const other: Promise<Delivery>[] = [];
    broken.before('issue', async () => {
      broken.failAt('issue', 'connection refused');
      other.push(first.claim(dev, request.id));
      await Promise.all(other);
    });
    await expect(late.claim(dev, request.id)).rejects.toMatchObject({ code: 'target_failed' });
    const [delivered] = await Promise.all(other);
    expect(await first.store.findLiveGrant(request.id)).toMatchObject({ state: 'active' });
    expect([...first.target.live.values()].map(({ password }) => password)).toEqual(
      delivered ? [readPassword(delivered)] : [],
    );
  });
});

describe('claims that race over three replicas', () => {
  it(`I2: all are answered, and the password that works is one of theirs, ${ROUNDS} times`, async () => {
    const random = createRandom(7);
    const connectors = new Map([['orders', slowDown(first.target, { random })]]);
    const replicas = await Promise.all([1, 2, 3].map(() => openReplica({ connectors })));
    for (let round = 0; round < ROUNDS; round += 1) {
      const request = await first.ask();
      const deliveries = await Promise.all(replicas.map(({ claim }) => claim(dev, request.id)));
      const [live] = [...first.target.live.values()];
      expect(deliveries.map(readPassword)).toContain(live?.password);
      expect(await listKinds(request)).not.toContain('grant.failed');
      await endNow(request);
    }
  });

  it(`I1, I2, I4: a target that fails now and then takes nothing from who was answered, ${ROUNDS} times`, async () => {
    const random = createRandom(11);
    const connectors = new Map([['orders', slowDown(first.target, { random, failuresInHundred: 30 })]]);
    const replicas = await Promise.all([1, 2, 3].map(() => openReplica({ connectors })));
    const outcomes = new Set<string>();
    for (let round = 0; round < ROUNDS; round += 1) {
      const request = await first.ask();
      const claims = await Promise.allSettled(replicas.map(({ claim }) => claim(dev, request.id)));
      const answered = claims.filter(({ status }) => status === 'fulfilled').length;
      const grant = await first.store.findLiveGrant(request.id);
      if (answered > 0) expect(grant?.state).toBe('active');
      expect(claims.flatMap(readCode)).toEqual(
        claims.flatMap((claim) => (claim.status === 'rejected' ? [expect.stringMatching(HONEST)] : [])),
      );
      outcomes.add(`${answered} ${grant?.state}`);
      await endNow(request);
    }
    expect(outcomes.size).toBeGreaterThan(3);
  });
});

const HONEST = /^(target_failed|no_grant|lost_race)$/;

function readCode(settled: PromiseSettledResult<Delivery>): readonly string[] {
  return settled.status === 'rejected' ? [(settled.reason as { readonly code: string }).code] : [];
}

/** So that the next round asks for something that nobody holds. */
async function endNow(request: AccessRequest): Promise<void> {
  const grant = await first.store.findLiveGrant(request.id);
  if (grant) await revoke(first, { asker: dev, grantId: grant.id, because: 'done' });
  await first.runDue();
  expect(first.target.live.size).toBe(0);
  if (!grant) return;
  await first.clock.advance(1000);
}
