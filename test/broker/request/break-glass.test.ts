import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reviewAfterwards } from '../../../src/broker/review/review-afterwards.ts';
import type { AccessRequest } from '../../../src/core/request.ts';
import { buildAsker, dev, lead, other, type TestBroker } from '../../support/broker.ts';
import { findViolations } from '../../support/faults/invariants.ts';
import { openReviewBroker } from '../../support/reviews/reviewing.ts';

let broker: TestBroker;
const DAY_MS = 86_400_000;
const ASKED = { breakGlass: true, reason: 'INC-4211 the shop is down and nobody is awake' };

beforeEach(async () => {
  broker = await openReviewBroker();
  broker.policy.outcome = 'automatic';
});

afterEach(async () => {
  expect(await findViolations({ store: broker.store, now: broker.clock.now() })).toEqual([]);
  await broker.store.close();
});

function review(request: AccessRequest, asker = lead): Promise<AccessRequest> {
  return reviewAfterwards(broker, {
    asker,
    requestId: request.id,
    way: 'page',
    outcome: 'objected',
    reason: 'a request would have done',
  });
}

describe('break-glass', () => {
  it('is granted at once, and must be looked at within a day', async () => {
    const request = await broker.ask(ASKED);
    expect(request).toMatchObject({
      state: 'approved',
      afterwards: { dueAt: broker.clock.now() + DAY_MS, review: null },
    });
    expect((await broker.claim(dev, request.id)).grant.state).toBe('active');
  });

  it('is short, and explains itself, whatever policy says', async () => {
    await expect(broker.ask({ ...ASKED, durationSeconds: 1801 })).rejects.toMatchObject({
      code: 'duration_too_long',
    });
    expect((await broker.ask({ ...ASKED, durationSeconds: 1800 })).state).toBe('approved');
    await expect(
      broker.ask({ ...ASKED, scopes: ['prod:db.write'], reason: 'x'.repeat(29) }),
    ).rejects.toMatchObject({
      code: 'bad_reason',
    });
  });

  it('tells whom policy refuses just that', async () => {
    broker.policy.outcome = 'denied';
    expect((await broker.ask({ ...ASKED, reason: 'short' })).state).toBe('denied');
  });

  it('is looked at by somebody else, once', async () => {
    const request = await broker.ask(ASKED);
    await broker.claim(dev, request.id);
    expect((await review(request)).afterwards?.review).toMatchObject({
      by: { subject: 'dev:lead' },
      outcome: 'objected',
      reason: 'a request would have done',
    });
    await expect(review(request, other)).rejects.toMatchObject({ code: 'already_decided' });
    const events = await broker.store.listEvents({ requestId: request.id, limit: 10 });
    expect(events.filter(({ kind }) => kind === 'request.reviewed_afterwards')).toHaveLength(1);
  });

  it('blocks the next one of that person when nobody looked in time, until somebody does', async () => {
    const first = await broker.ask(ASKED);
    await broker.claim(dev, first.id);
    await broker.clock.advance(DAY_MS - 1);
    await broker.runDue();
    expect((await broker.ask(ASKED)).state).toBe('approved');
    await broker.clock.advance(1);
    await expect(broker.ask({ ...ASKED, scopes: ['prod:db.write'] })).rejects.toMatchObject({
      code: 'review_overdue',
      message: expect.stringContaining(first.id),
    });
    expect((await broker.ask(ASKED, other)).state).toBe('approved');
    await review(first);
    expect((await broker.ask({ ...ASKED, scopes: ['prod:db.write'] })).state).toBe('approved');
  });

  it('blocks the next one with a second account of that person too, and nobody who only looks alike', async () => {
    await broker.claim(dev, (await broker.ask(ASKED)).id);
    await broker.clock.advance(DAY_MS);
    await broker.runDue();
    const second = buildAsker('dev-admin', ['engineers']);
    const alias = { ...second, principal: { ...second.principal, person: dev.principal.person } };
    await expect(broker.ask(ASKED, alias)).rejects.toMatchObject({ code: 'review_overdue' });
    expect((await broker.ask(ASKED, buildAsker('DEV', ['engineers']))).state).toBe('approved');
  });

  it('says when a review is overdue, once', async () => {
    const request = await broker.ask(ASKED);
    await broker.claim(dev, request.id);
    await broker.clock.advance(DAY_MS);
    expect(await broker.runDue()).toContain(`overdue:${request.id}`);
    const events = await broker.store.listEvents({ requestId: request.id, limit: 10 });
    expect(events.filter(({ kind }) => kind === 'request.review_overdue')).toHaveLength(1);
  });

  it('has no review afterwards where it was not break-glass', async () => {
    const request = await broker.ask();
    await expect(review(request)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('that gave nothing is not looked at, and is in nobody’s way', async () => {
    broker.target.failAt('issue', 'connection refused');
    const request = await broker.ask(ASKED);
    await expect(broker.claim(dev, request.id)).rejects.toMatchObject({ code: 'target_failed' });
    for (let hour = 0; hour < 30; hour += 1) {
      await broker.clock.advance(3_600_000);
      await broker.runDue();
    }
    expect(await broker.store.readRequest(request.id)).toMatchObject({ state: 'lapsed', afterwards: null });
    expect(await broker.store.listRequests({ isReviewDue: true, limit: 9 })).toEqual([]);
    expect(await broker.store.findNextWorkAt()).toBeUndefined();
    expect((await broker.ask(ASKED)).state).toBe('approved');
  });
});
