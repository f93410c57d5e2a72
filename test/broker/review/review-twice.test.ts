import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Asker } from '../../../src/broker/parts.ts';
import { lead, type TestBroker } from '../../support/broker.ts';
import { approveNow, denyNow, openReviewBroker } from '../../support/reviews/reviewing.ts';

let broker: TestBroker;

beforeEach(async () => {
  broker = await openReviewBroker();
  broker.policy.obligations = { ...broker.policy.obligations, approvals: 2 };
});

afterEach(() => broker.store.close());

const leadsOtherAccount: Asker = {
  ...lead,
  principal: { ...lead.principal, subject: 'dev:lead-admin', name: 'admin' },
};

const lookAlike: Asker = {
  ...lead,
  principal: { ...lead.principal, subject: 'other:7', person: 'other:7', name: 'LEAD' },
};

describe('whoever approved already', () => {
  it.each([
    ['with the same account', lead],
    ['with another account', leadsOtherAccount],
    ['with an account that only looks different', lookAlike],
  ])('APR-01: neither approves nor denies again %s, and is recorded', async (_, asker) => {
    const request = await broker.ask();
    const once = await approveNow(broker, request);
    await expect(approveNow(broker, once, { asker })).rejects.toMatchObject({ code: 'already_reviewed' });
    await expect(denyNow(broker, once, asker)).rejects.toMatchObject({ code: 'already_reviewed' });
    expect(await broker.store.readRequest(request.id)).toEqual(once);
    const events = await broker.store.listEvents({ requestId: request.id, limit: 10 });
    const refused = events.filter(({ kind }) => kind === 'request.review_refused');
    expect(refused.map(({ detail }) => detail.because)).toEqual(['already_reviewed', 'already_reviewed']);
  });
});
