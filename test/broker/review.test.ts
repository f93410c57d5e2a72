import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { approve, deny } from '../../src/broker/review.ts';
import { buildAsker, dev, lead, other, type TestBroker } from '../support/broker.ts';
import { findViolations } from '../support/invariants.ts';
import { approveNow, denyNow, openReviewBroker } from '../support/reviewing.ts';

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

  it('counts, when the grant is claimed, what policy wants by then', async () => {
    const request = await broker.ask();
    await approveNow(broker, request);
    broker.policy.obligations = { ...broker.policy.obligations, approvals: 2 };
    await expect(broker.claim(dev, request.id)).rejects.toMatchObject({ code: 'denied' });
  });
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
