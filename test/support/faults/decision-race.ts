import { expect } from 'vitest';
import type { Broker } from '../../../src/broker/parts.ts';
import { cancel, lapse } from '../../../src/broker/request/requests.ts';
import { approve, deny } from '../../../src/broker/review/review.ts';
import { revokeMany } from '../../../src/broker/revocation/revoke-many.ts';
import type { AccessRequest } from '../../../src/core/request.ts';
import { admin, buildAsker, dev, type TestBroker } from '../broker.ts';
import { createRandom } from '../random.ts';
import { findViolations } from './invariants.ts';

const RACERS = 32;
const DECISIONS = ['request.approved', 'request.denied', 'request.cancelled', 'request.lapsed'];

const reviewers = Array.from({ length: RACERS }, (_, index) => buildAsker(`reviewer-${index}`, ['dba']));

async function takeTurns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** One of five ways to end it, by a person of its own each time. */
async function race(broker: Broker, request: AccessRequest, index: number): Promise<unknown> {
  const asker = reviewers[index] ?? admin;
  const order = { asker, requestId: request.id, way: 'cli' as const, reason: 'racing' };
  const isLate = { ...broker, clock: { ...broker.clock, now: () => request.lapsesAt } };
  const ways = [
    () => approve(broker, { ...order, scopes: null, durationSeconds: null, digest: request.digest }),
    () => deny(broker, order),
    () => cancel(broker, dev, request.id),
    () => revokeMany(broker, admin, { user: 'dev', target: null }),
    () => lapse(isLate, request),
  ] as const;
  return (ways[index % ways.length] ?? ways[0])();
}

async function expectOneDecision({ store }: TestBroker, { id }: AccessRequest): Promise<string> {
  const events = await store.listEvents({ requestId: id, limit: 100 });
  const decisions = events.map(({ kind }) => kind).filter((kind) => DECISIONS.includes(kind));
  const after = await store.readRequest(id);
  // What was approved may still be taken back, or lapse unclaimed: never the other way round, never a third time.
  expect([1, 2]).toContain(decisions.length);
  if (decisions.length === 2) {
    expect(decisions[0]).toBe('request.approved');
    expect(['request.cancelled', 'request.lapsed']).toContain(decisions[1]);
  }
  expect(`request.${after?.state}`).toBe(decisions.at(-1));
  expect(after?.reviews.length).toBe(
    ['approved', 'denied'].includes(after?.state ?? '') ? 1 : after?.reviews.length,
  );
  return decisions[0] ?? '';
}

/** Rounds of 32 who approve, deny, cancel, revoke and let lapse at once; fails where more than one of them wins. */
export async function raceToDecide(
  first: TestBroker,
  second: Broker,
  { seed, rounds }: { readonly seed: number; readonly rounds: number },
): Promise<void> {
  const random = createRandom(seed);
  const winners = new Set<string>();
  for (let round = 0; round < rounds; round += 1) {
    const request = await first.ask();
    const order = Array.from({ length: RACERS }, (_, index) => (index * 7 + round) % RACERS);
    await Promise.allSettled(
      order.map(async (index) => {
        await takeTurns(random.below(12));
        return race(index % 2 ? first : second, request, index);
      }),
    );
    winners.add(await expectOneDecision(first, request));
    if ((await first.store.readRequest(request.id))?.state === 'approved')
      await cancel(first, dev, request.id);
  }
  // A race that one side always wins proves nothing.
  expect(winners.size).toBeGreaterThan(2);
  expect(await findViolations({ store: first.store, now: first.clock.now() })).toEqual([]);
}
