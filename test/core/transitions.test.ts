import { describe, expect, it } from 'vitest';
import {
  buildExtendedEnd,
  canMoveGrant,
  GRANT_STATES,
  GRANT_TRANSITIONS,
  type Grant,
  isGrantUsable,
  NOT_REVOKED,
} from '../../src/core/grant.ts';
import {
  canMoveRequest,
  findRequestDeadline,
  isRequestSettled,
  REQUEST_STATES,
  REQUEST_TRANSITIONS,
} from '../../src/core/request.ts';
import { sampleRequest } from '../support/core-samples.ts';

/** Every state that can be reached, without passing through one. */
function reach<S extends string>(
  table: Readonly<Record<S, readonly S[]>>,
  options: { readonly from: S; readonly without?: S },
): ReadonlySet<S> {
  const reached = new Set<S>();
  const visit = (state: S): void => {
    if (state === options.without || reached.has(state)) return;
    reached.add(state);
    table[state].forEach(visit);
  };
  visit(options.from);
  return reached;
}

describe('a grant', () => {
  it('ends through revoking only', () => {
    expect(reach(GRANT_TRANSITIONS, { from: 'provisioning' }).has('ended')).toBe(true);
    expect(reach(GRANT_TRANSITIONS, { from: 'provisioning', without: 'revoking' }).has('ended')).toBe(false);
    expect(GRANT_STATES.filter((state) => canMoveGrant(state, 'ended'))).toEqual(['revoking']);
  });

  it('never comes back from revoking, nor from the end', () => {
    expect([...reach(GRANT_TRANSITIONS, { from: 'revoking' })].toSorted()).toEqual(['ended', 'revoking']);
    expect(GRANT_TRANSITIONS.ended).toEqual([]);
  });

  it('can be taken away in every state in which it can be held', () => {
    expect(GRANT_STATES.filter((state) => canMoveGrant(state, 'revoking'))).toEqual([
      'provisioning',
      'active',
      'revoking',
    ]);
  });

  it('is usable while active and before its end, not at its end', () => {
    const usableAt = (state: Grant['state'], now: number) => isGrantUsable({ state, expiresAt: 1000 }, now);
    expect(GRANT_STATES.filter((state) => usableAt(state, 999))).toEqual(['active']);
    expect([usableAt('active', 1000), usableAt('active', 1001)]).toEqual([false, false]);
  });

  it('is extended to now + D, never shortened, never past its latest end', () => {
    const grant: Grant = { ...heldGrant, expiresAt: 600_000, latestEndAt: 1_000_000 };
    expect(buildExtendedEnd(grant, 300, 400_000)).toBe(700_000);
    expect(buildExtendedEnd(grant, 60, 400_000)).toBe(600_000);
    expect(buildExtendedEnd(grant, 3600, 400_000)).toBe(1_000_000);
  });
});

describe('a request', () => {
  it('is claimed only after approval, and settles once', () => {
    expect(reach(REQUEST_TRANSITIONS, { from: 'pending', without: 'approved' }).has('claimed')).toBe(false);
    expect([...reach(REQUEST_TRANSITIONS, { from: 'pending' })].toSorted()).toEqual(
      [...REQUEST_STATES].toSorted(),
    );
    expect(REQUEST_STATES.filter(isRequestSettled)).toEqual(['claimed', 'denied', 'cancelled', 'lapsed']);
    expect(REQUEST_STATES.filter((state) => canMoveRequest(state, 'pending'))).toEqual([]);
    expect(REQUEST_STATES.filter((state) => canMoveRequest(state, 'denied'))).toEqual(['pending']);
  });

  it('has the deadline of its state, and none once it is settled', () => {
    const request = { ...sampleRequest, lapsesAt: 10, claimBy: 20 };
    const deadlines = REQUEST_STATES.map((state) => findRequestDeadline({ ...request, state }));
    expect(deadlines).toEqual([10, 20, null, null, null, null]);
  });
});

const heldGrant: Grant = {
  id: 'gr_1',
  requestId: 'req_1',
  state: 'active',
  version: 1,
  scopes: ['prod:db.read'],
  target: 'orders',
  heldBy: { subject: 'u1', name: 'dev' },
  digest: 'd',
  tokenId: 't',
  claimedAt: 0,
  expiresAt: 0,
  latestEndAt: 0,
  lastUsedAt: null,
  endedAt: null,
  endedBecause: null,
  handle: null,
  revocation: NOT_REVOKED,
};
