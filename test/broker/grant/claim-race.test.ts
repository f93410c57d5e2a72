import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Delivery } from '../../../src/broker/grant/delivery.ts';
import { revoke } from '../../../src/broker/revocation/revoke.ts';
import { fail } from '../../../src/core/errors.ts';
import type { Connector } from '../../../src/core/ports/connector.ts';
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

/** What opens the target at this moment. */
function listPasswords(): readonly string[] {
  return [...first.target.live.values()].map(({ password }) => password);
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
    const passwords = deliveries.map(readPassword);
    expect(passwords).toContain(listPasswords()[0]);
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
    expect(listPasswords()).toEqual(delivered ? [readPassword(delivered)] : []);
  });
});

describe('a claim whose client has given up', () => {
  /** It hangs at the target until `goOn`; then what it does there is `late`. */
  async function giveUp(late: Connector['issue']) {
    const gone = new AbortController();
    const atTarget = Promise.withResolvers<void>();
    const { promise: waiting, resolve: goOn } = Promise.withResolvers<void>();
    const issue: Connector['issue'] = async (order) => {
      hanging.issue = first.target.issue;
      atTarget.resolve();
      await waiting;
      return late(order);
    };
    const hanging: Connector = { ...first.target, issue };
    const abandoned = await openReplica({ connectors: new Map([['orders', hanging]]) });
    const request = await first.ask();
    const claim = abandoned.claim(dev, request.id, { gone: gone.signal });
    await atTarget.promise;
    gone.abort();
    return { request, claim, goOn };
  }

  const fallSilent: Connector['issue'] = async () => {
    throw fail('target_failed', { target: 'orders', why: 'it did not answer in time' });
  };

  it('leaves the password alone that the next one was answered with', async () => {
    const { request, claim, goOn } = await giveUp(fallSilent);
    const kept = await first.claim(dev, request.id);
    goOn();
    await expect(claim).rejects.toMatchObject({ code: 'lost_race' });
    expect(listPasswords()).toEqual([readPassword(kept)]);
    expect(await listKinds(request)).not.toContain('grant.redelivered');
  });

  it('does so too where it gets through to a target that knows who came later', async () => {
    const { request, claim, goOn } = await giveUp(first.target.issue);
    const kept = await first.claim(dev, request.id);
    goOn();
    await expect(claim).rejects.toMatchObject({ code: 'lost_race' });
    expect(listPasswords()).toEqual([readPassword(kept)]);
    expect(await listKinds(request)).not.toContain('grant.failed');
  });

  it('still leaves nothing behind where the grant was ended meanwhile', async () => {
    const { request, claim, goOn } = await giveUp(first.target.issue);
    const { grant } = await first.claim(dev, request.id);
    await revoke(first, { asker: dev, grantId: grant.id, because: 'done' });
    await first.runDue();
    goOn();
    await expect(claim).rejects.toMatchObject({ code: 'no_grant' });
    expect(listPasswords()).toEqual([]);
  });

  it('does not take over what another one has begun', async () => {
    const { request, claim, goOn } = await giveUp(fallSilent);
    const nobody = { gone: AbortSignal.abort() };
    await expect(first.claim(dev, request.id, nobody)).rejects.toMatchObject({ code: 'lost_race' });
    expect(await first.store.findLiveGrant(request.id)).toMatchObject({ state: 'provisioning', version: 1 });
    goOn();
    await expect(claim).rejects.toMatchObject({ code: 'target_failed' });
  });
});

describe('claims that race over three replicas', () => {
  it(`I2: all are answered, and the password of the last answer works, ${ROUNDS} times`, async () => {
    const random = createRandom(7);
    const connectors = new Map([['orders', slowDown(first.target, { random })]]);
    const replicas = await Promise.all([1, 2, 3].map(() => openReplica({ connectors })));
    for (let round = 0; round < ROUNDS; round += 1) {
      const request = await first.ask();
      const received: (string | undefined)[] = [];
      const receive = (delivery: Delivery) => void received.push(readPassword(delivery));
      await Promise.all(replicas.map(({ claim }) => claim(dev, request.id).then(receive)));
      expect(received).toHaveLength(replicas.length);
      expect(listPasswords()).toEqual([received.at(-1)]);
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
