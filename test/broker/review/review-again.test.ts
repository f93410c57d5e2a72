import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readRequest } from '../../../src/broker/view/query.ts';
import { buildAsker, dev, lead, other, type TestBroker } from '../../support/broker.ts';
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

describe('APR-03: what was looked at is what is approved', () => {
  it('refuses an approval of anything else', async () => {
    const request = await broker.ask();
    await expect(approveNow(broker, request, { digest: 'of something else' })).rejects.toMatchObject({
      code: 'request_changed',
    });
  });

  it('gives what was made smaller a hash of its own, which the grant carries', async () => {
    const request = await broker.ask({ durationSeconds: 1200 });
    const approved = await approveNow(broker, request, { durationSeconds: 600 });
    expect(approved.digest).not.toBe(request.digest);
    expect((await broker.claim(dev, request.id)).grant.digest).toBe(approved.digest);
  });
});

describe('APR-04: approving asks policy again, at that moment', () => {
  it('refuses what policy no longer allows, and leaves it pending', async () => {
    const request = await broker.ask();
    broker.policy.outcome = 'denied';
    await expect(approveNow(broker, request)).rejects.toMatchObject({
      code: 'not_allowed_now',
      message: `${request.id} cannot be approved now: the script says denied`,
    });
    expect((await broker.store.readRequest(request.id))?.state).toBe('pending');
  });

  it('asks about the requester as they are now, from where they asked', async () => {
    const request = await broker.ask();
    broker.people.splice(0, 1, { ...dev.principal, groups: [] });
    await approveNow(broker, request);
    expect(broker.policy.questions.at(-1)).toMatchObject({
      principal: { subject: 'dev:dev', groups: [] },
      circumstances: { ip: '127.0.0.1', login: dev.login, now: broker.clock.now() },
    });
  });

  it('refuses for somebody who is not here any more', async () => {
    const request = await broker.ask();
    broker.people.splice(0, 1);
    await expect(approveNow(broker, request)).rejects.toMatchObject({ code: 'not_allowed_now' });
  });

  it('wants what policy wants now, not what it wanted then', async () => {
    const request = await broker.ask();
    broker.policy.obligations = { ...broker.policy.obligations, approvals: 2 };
    expect((await approveNow(broker, request)).state).toBe('pending');
  });

  it('lets a reviewer who lost the permission decide nothing', async () => {
    const request = await broker.ask();
    const former = { ...lead, principal: { ...lead.principal, groups: ['engineers'] } };
    await expect(approveNow(broker, request, { asker: former })).rejects.toMatchObject({ code: 'not_found' });
  });

  it('counts nobody who approved and has left since', async () => {
    broker.policy.obligations = { ...broker.policy.obligations, approvals: 2 };
    const request = await broker.ask();
    await approveNow(broker, request);
    broker.people.splice(broker.people.indexOf(lead.principal), 1);
    expect((await readRequest(broker, other, request.id)).approvals).toMatchObject({ needed: 2, given: 0 });
    expect((await approveNow(broker, request, { asker: other })).state).toBe('pending');
    const third = buildAsker('third', ['dba']);
    broker.people.push(third.principal);
    expect((await approveNow(broker, request, { asker: third })).state).toBe('approved');
  });

  it('counts, when the grant is claimed, what policy wants by then', async () => {
    const request = await broker.ask();
    await approveNow(broker, request);
    broker.policy.obligations = { ...broker.policy.obligations, approvals: 2 };
    await expect(broker.claim(dev, request.id)).rejects.toMatchObject({ code: 'denied' });
  });
});
