import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dev, other, type TestBroker } from '../../support/broker.ts';
import { findViolations } from '../../support/faults/invariants.ts';
import { approveNow, openReviewBroker } from '../../support/reviews/reviewing.ts';

let broker: TestBroker;

beforeEach(async () => {
  broker = await openReviewBroker();
});

afterEach(async () => {
  expect(await findViolations({ store: broker.store, now: broker.clock.now() })).toEqual([]);
  await broker.store.close();
});

describe('APR-05: approvers only narrow', () => {
  it('lets them shorten the time and drop scopes, and the grant is no more than that', async () => {
    const request = await broker.ask({ scopes: ['prod:db.read', 'prod:db.write'], durationSeconds: 900 });
    const approved = await approveNow(broker, request, { scopes: ['prod:db.read'], durationSeconds: 300 });
    expect(approved).toMatchObject({
      scopes: ['prod:db.read'],
      durationSeconds: 300,
      originally: { scopes: ['prod:db.read', 'prod:db.write'], durationSeconds: 900 },
    });
    const { grant } = await broker.claim(dev, request.id);
    expect(grant.scopes).toEqual(['prod:db.read']);
    expect(grant.expiresAt).toBe(broker.clock.now() + 300_000);
  });

  it.each([
    { name: 'a scope that was not asked for', changes: { scopes: ['prod:db.read', 'prod:db.write'] } },
    { name: 'another scope', changes: { scopes: ['prod:api.read'] } },
    { name: 'no scope at all', changes: { scopes: [] } },
    { name: 'more time', changes: { durationSeconds: 601 } },
    { name: 'no time', changes: { durationSeconds: 0 } },
    { name: 'time running backwards', changes: { durationSeconds: -5 } },
    { name: 'a fraction of a second', changes: { durationSeconds: 1.5 } },
    { name: 'endless time', changes: { durationSeconds: Number.POSITIVE_INFINITY } },
  ])('refuses $name', async ({ changes }) => {
    const request = await broker.ask();
    await expect(approveNow(broker, request, changes)).rejects.toMatchObject({ code: 'cannot_widen' });
    expect(await broker.store.readRequest(request.id)).toEqual(request);
  });

  it('lets a second approver narrow further, and never back again', async () => {
    broker.policy.obligations = { ...broker.policy.obligations, approvals: 2 };
    const request = await broker.ask({ durationSeconds: 900 });
    await approveNow(broker, request, { durationSeconds: 600 });
    await expect(approveNow(broker, request, { asker: other, durationSeconds: 900 })).rejects.toMatchObject({
      code: 'cannot_widen',
    });
    expect(await approveNow(broker, request, { asker: other, durationSeconds: 300 })).toMatchObject({
      state: 'approved',
      durationSeconds: 300,
    });
  });

  it('refuses to make it what the same person asks for elsewhere', async () => {
    const small = await broker.ask({ scopes: ['prod:db.read'] });
    const large = await broker.ask({ scopes: ['prod:db.read', 'prod:db.write'] });
    await expect(approveNow(broker, large, { scopes: ['prod:db.read'] })).rejects.toMatchObject({
      code: 'cannot_widen',
      message: expect.stringContaining(small.id),
    });
  });
});
