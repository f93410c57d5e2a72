import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Asker } from '../../../src/broker/parts.ts';
import { cancel } from '../../../src/broker/request/requests.ts';
import { revoke } from '../../../src/broker/revocation/revoke.ts';
import type { ScopeEntry } from '../../../src/core/catalogue.ts';
import { dev, lead, openTestBroker, type TestBroker } from '../../support/broker.ts';

const people = { openRequests: 3, liveGrants: 2, callsPerMinute: 60 };
const workloads = { openRequests: 5, liveGrants: 4, callsPerMinute: 60 };
const robot: Asker = {
  ...dev,
  principal: { ...dev.principal, subject: 'ci', person: 'ci', kind: 'workload' },
};

let broker: TestBroker;

beforeEach(async () => {
  broker = await openTestBroker();
  Object.assign(broker.settings, { limits: { people, workloads } });
  const entry = broker.catalogue.scopes[0] as ScopeEntry;
  Object.assign(broker.catalogue, {
    scopes: Array.from({ length: 60 }, (_, index) => ({ ...entry, name: scopeOf(index) })),
  });
});

afterEach(() => broker.store.close());

const scopeOf = (index: number): string => `prod:db${index}.read`;
const ask = (index: number, asker: Asker = dev) => broker.ask({ scopes: [scopeOf(index)] }, asker);

async function askMany(count: number, asker: Asker = dev) {
  const settled = await Promise.allSettled(Array.from({ length: count }, (_, index) => ask(index, asker)));
  const refused = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []));
  return { taken: settled.length - refused.length, refused: [...new Set(refused)] };
}

it('INP-01: one has so many open requests at one time, and not one more, however many are asked at once', async () => {
  broker.policy.outcome = 'needs_people';
  expect(await askMany(50)).toEqual({ taken: 3, refused: ['limit_reached'] });
  await expect(ask(50)).rejects.toMatchObject({
    message: 'you have 3 open requests already, and may not have more',
    hint: 'jit status lists them; jit cancel takes one back',
    exitCode: 1,
    status: 429,
  });
});

it('INP-01: whoever takes one back may ask again, and nobody is counted for another; asking for the same again is no more', async () => {
  broker.policy.outcome = 'needs_people';
  await askMany(3);
  const first = await ask(0);
  expect((await ask(0)).id).toBe(first.id);
  expect((await ask(0, lead)).state).toBe('pending');
  await cancel(broker, dev, first.id);
  expect((await ask(4)).state).toBe('pending');
});

it('INP-01: one holds so much at one time, and not one grant more, however many are claimed at once', async () => {
  const requests = await Promise.all([0, 1, 2].map((index) => ask(index)));
  const claims = await Promise.allSettled(requests.map(({ id }) => broker.claim(dev, id)));
  const [refused, ...others] = claims.filter(({ status }) => status === 'rejected');
  expect(others).toEqual([]);
  expect(refused).toMatchObject({
    reason: {
      code: 'limit_reached',
      message: 'you have 2 live grants already, and may not have more',
      hint: 'jit status lists them; jit done gives one back',
    },
  });
  expect(broker.target.live.size).toBe(2);
  const [held] = await broker.store.listGrants({ states: ['active'], limit: 1 });
  await revoke(broker, { asker: dev, grantId: held?.id ?? '', because: 'done' });
  const left = requests.find((_, index) => claims[index]?.status === 'rejected');
  expect((await broker.claim(dev, left?.id ?? '')).grant.state).toBe('active');
});

it('INP-01: a workload has limits of its own', async () => {
  broker.policy.outcome = 'needs_people';
  expect(await askMany(50, robot)).toEqual({ taken: 5, refused: ['limit_reached'] });
});

it('break-glass and more time are not held against what one has: they cannot wait', async () => {
  const { request, grant } = await broker.claim(dev, (await ask(0)).id);
  broker.policy.outcome = 'needs_people';
  await Promise.all([1, 2, 3].map((index) => ask(index)));
  const reason = 'INC-4211: the shop is down and nobody who could approve is there';
  broker.policy.outcome = 'automatic';
  const changes = { scopes: [scopeOf(4)], breakGlass: true, reason };
  const urgent = await broker.ask(changes);
  const other = await broker.ask({ ...changes, scopes: [scopeOf(5)] });
  await broker.claim(dev, urgent.id);
  expect((await broker.claim(dev, other.id)).grant.state).toBe('active');
  await broker.clock.advance(300_000);
  const longer = await broker.ask({ ...request, extendsGrantId: grant.id });
  expect(longer.state).toBe('approved');
});
