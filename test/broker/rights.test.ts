import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { filterInTurns } from '../../src/broker/pacing/in-turns.ts';
import { listRevocable, revokeMany } from '../../src/broker/revocation/revoke-many.ts';
import { createRights } from '../../src/broker/rights.ts';
import { listLive, readRevocableGrant } from '../../src/broker/view/query.ts';
import type { Grant } from '../../src/core/grant.ts';
import type { PermissionQuestion } from '../../src/core/ports/policy.ts';
import { admin, buildAsker, dev, type TestBroker } from '../support/broker.ts';
import { openReviewBroker } from '../support/reviews/reviewing.ts';

const EVERYTHING = { user: null, target: null } as const;
const stranger = buildAsker('stranger', ['engineers']);

let broker: TestBroker;
let asked: PermissionQuestion[];

beforeEach(async () => {
  broker = await openReviewBroker();
  broker.policy.outcome = 'automatic';
  asked = [];
  const { may } = broker.policy;
  broker.policy.may = (question) => {
    asked.push(question);
    return may?.(question) ?? false;
  };
});

afterEach(() => broker.store.close());

/** The same grant of so many people. */
async function crowd(size: number): Promise<TestBroker> {
  const { grant } = await broker.claim(dev, (await broker.ask()).id);
  const grants = Array.from(
    { length: size },
    (_, index): Grant => ({
      ...grant,
      id: `gr_${index}`,
      heldBy: { subject: `dev:${index}`, name: `${index}` },
    }),
  );
  return { ...broker, store: { ...broker.store, listGrants: async () => grants } };
}

describe('INP-01: what somebody may do with the grants of a thousand others', () => {
  it('is asked of policy once for each kind of them', async () => {
    const crowded = await crowd(1_000);
    expect(await listRevocable(crowded, admin, EVERYTHING)).toHaveLength(1_000);
    expect(asked).toHaveLength(1);
    asked.length = 0;
    expect(await listLive(crowded, stranger)).toEqual([]);
    expect(asked.map(({ action }) => action)).toEqual(['revoke', 'read']);
  });

  it('is asked for one of them alone where one is shown', async () => {
    const { grant } = await broker.claim(dev, (await broker.ask()).id);
    asked.length = 0;
    expect(await readRevocableGrant(broker, admin, grant.id)).toMatchObject({ mayRevoke: true });
    expect(await readRevocableGrant(broker, dev, grant.id)).toMatchObject({ mayRevoke: true });
    expect(asked).toHaveLength(1);
  });

  it('lets others have their turn in between', async () => {
    let turns = 0;
    const seen: number[] = [];
    const timer = setInterval(() => (turns += 1), 0);
    const all = Array.from({ length: 1_000 }, (_, index) => index);
    const kept = await filterInTurns(all, (index) => {
      seen.push(turns);
      const until = performance.now() + 0.05;
      while (performance.now() < until);
      return index % 2 === 0;
    });
    clearInterval(timer);
    expect(kept).toEqual(all.filter((index) => index % 2 === 0));
    expect(new Set(seen).size).toBeGreaterThan(2);
  });
});

describe('what policy said about one kind', () => {
  it('is not what it says about another scope or target, nor to another person', () => {
    const of = (scopes: Grant['scopes'], target: string) => ({ scopes, target, heldBy: dev.principal });
    broker.policy.may = ({ scope, target, principal }) =>
      scope.name === 'prod:db.read' && target.name === 'orders' && principal.subject === 'dev:admin';
    const rights = createRights(broker, admin);
    expect(rights.mayRevoke(of(['prod:db.read'], 'orders'))).toBe(true);
    expect(rights.mayRevoke(of(['prod:db.write'], 'orders'))).toBe(false);
    expect(rights.mayRevoke(of(['prod:db.read', 'prod:db.write'], 'orders'))).toBe(false);
    expect(rights.mayRevoke(of(['prod:db.read'], 'orders-api'))).toBe(false);
    expect(createRights(broker, stranger).mayRevoke(of(['prod:db.read'], 'orders'))).toBe(false);
  });

  it('is asked anew by the next call: what is forbidden by then is not taken', async () => {
    await broker.claim(dev, (await broker.ask()).id);
    expect(await listRevocable(broker, admin, EVERYTHING)).toHaveLength(1);
    broker.policy.may = () => false;
    expect((await revokeMany(broker, admin, EVERYTHING)).grants).toEqual([]);
  });
});
