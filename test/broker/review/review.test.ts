import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { approve, deny } from '../../../src/broker/review/review.ts';
import { buildAsker, dev, lead, other, type TestBroker } from '../../support/broker.ts';
import { findViolations } from '../../support/faults/invariants.ts';
import { approveNow, denyNow, openReviewBroker } from '../../support/reviews/reviewing.ts';

let broker: TestBroker;

beforeEach(async () => {
  broker = await openReviewBroker();
});

afterEach(async () => {
  expect(await findViolations({ store: broker.store, now: broker.clock.now() })).toEqual([]);
  await broker.store.close();
});

describe('approving', () => {
  it('approves what one person was asked for, and opens the claim window', async () => {
    const request = await broker.ask();
    const approved = await approveNow(broker, request, { reason: ' fine by me ' });
    expect(approved).toMatchObject({ state: 'approved', claimBy: broker.clock.now() + 900_000 });
    expect(approved.reviews).toEqual([
      {
        by: { subject: 'dev:lead', name: 'lead', person: 'dev:lead', groups: ['engineers', 'dba'] },
        outcome: 'approved',
        reason: 'fine by me',
        breadth: { scopes: ['prod:db.read'], durationSeconds: 600 },
        way: 'cli',
        at: broker.clock.now(),
      },
    ]);
    expect(await broker.store.readRequest(request.id)).toEqual(approved);
  });

  it('lets its requester claim it, and lapses when nobody does', async () => {
    const claimed = await approveNow(broker, await broker.ask());
    expect((await broker.claim(dev, claimed.id)).grant.state).toBe('active');
    const left = await approveNow(broker, await broker.ask({ scopes: ['prod:db.write'] }));
    await broker.clock.advance(900_000);
    await broker.runDue();
    expect((await broker.store.readRequest(left.id))?.state).toBe('lapsed');
  });

  it('waits for as many people as policy wants', async () => {
    broker.policy.obligations = { ...broker.policy.obligations, approvals: 2 };
    const request = await broker.ask();
    expect((await approveNow(broker, request)).state).toBe('pending');
    expect((await approveNow(broker, request, { asker: other })).state).toBe('approved');
    const events = await broker.store.listEvents({ requestId: request.id, limit: 10 });
    expect(events.map(({ kind, actor }) => [kind, actor])).toEqual([
      ['request.submitted', 'dev:dev'],
      ['request.reviewed', 'dev:lead'],
      ['request.approved', 'dev:other'],
    ]);
  });

  it('waits for somebody of each group that policy names', async () => {
    const security = buildAsker('sam', ['dba', 'security']);
    broker.people.push(security.principal);
    broker.policy.obligations = {
      ...broker.policy.obligations,
      approvals: 1,
      approverGroups: ['dba', 'security'],
    };
    const request = await broker.ask();
    expect((await approveNow(broker, request)).state).toBe('pending');
    expect((await approveNow(broker, request, { asker: security })).state).toBe('approved');
  });

  it('says who may not, and why', async () => {
    const request = await broker.ask();
    const stranger = buildAsker('stranger', ['engineers']);
    await expect(approveNow(broker, request, { asker: stranger })).rejects.toMatchObject({
      code: 'not_found',
    });
    broker.policy.may = ({ action }) => action === 'read';
    await expect(approveNow(broker, request, { asker: stranger })).rejects.toMatchObject({
      code: 'not_a_reviewer',
    });
  });

  it("is never a workload's business, whatever policy says", async () => {
    broker.policy.may = () => true;
    const request = await broker.ask();
    const robot = buildAsker('robot', ['dba']);
    const asker = { ...robot, principal: { ...robot.principal, kind: 'workload' as const } };
    await expect(approveNow(broker, request, { asker })).rejects.toMatchObject({ code: 'not_a_reviewer' });
  });

  it('asks for a fresher or stronger login where policy does', async () => {
    broker.policy.approveObligations = {
      ...broker.policy.obligations,
      loginWithinSeconds: 30,
      loginStrengths: ['mfa'],
    };
    const request = await broker.ask();
    await expect(approveNow(broker, request)).rejects.toMatchObject({
      code: 'step_up_needed',
      demand: { maxAgeSeconds: 30, strengths: ['mfa'] },
    });
    const login = { method: 'browser' as const, at: broker.clock.now(), strengths: ['pwd', 'mfa'] };
    expect((await approveNow(broker, request, { asker: { ...lead, login } })).state).toBe('approved');
  });

  it('has an end: what is decided, lapsed or cancelled is not decided again', async () => {
    const request = await broker.ask();
    await approveNow(broker, request);
    await expect(approveNow(broker, request, { asker: other })).rejects.toMatchObject({
      code: 'already_decided',
      message: `${request.id} is approved already`,
    });
    const late = await broker.ask({ scopes: ['prod:db.write'] });
    await broker.clock.advance(3_600_000);
    await expect(approveNow(broker, late)).rejects.toMatchObject({ code: 'already_decided' });
    expect((await broker.store.readRequest(late.id))?.state).toBe('lapsed');
  });
});

describe('denying', () => {
  it("ends it with one no, in the reviewer's words", async () => {
    broker.policy.obligations = { ...broker.policy.obligations, approvals: 2 };
    const request = await broker.ask();
    await approveNow(broker, request);
    expect((await denyNow(broker, request)).state).toBe('denied');
    await expect(broker.claim(dev, request.id)).rejects.toMatchObject({
      code: 'denied',
      message: `${request.id} was denied: other said: not now`,
    });
  });

  it('wants a reason that can be read as it is', async () => {
    const request = await broker.ask();
    const order = { asker: lead, requestId: request.id, way: 'cli' as const };
    await expect(deny(broker, { ...order, reason: '  ' })).rejects.toMatchObject({ code: 'bad_reason' });
    await expect(deny(broker, { ...order, reason: 'no\u202eesrever' })).rejects.toMatchObject({
      code: 'bad_reason',
    });
    await expect(
      approve(broker, {
        ...order,
        reason: 'x'.repeat(1025),
        scopes: null,
        durationSeconds: null,
        digest: request.digest,
      }),
    ).rejects.toMatchObject({ code: 'bad_reason' });
  });

  it('is not for the requester, who may take it back', async () => {
    const request = await broker.ask();
    await expect(denyNow(broker, request, dev)).rejects.toMatchObject({ code: 'self_approval' });
  });
});
