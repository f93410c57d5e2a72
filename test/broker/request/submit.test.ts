import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { preview, submit } from '../../../src/broker/request/submit.ts';
import { NO_OBLIGATIONS } from '../../../src/core/decision.ts';
import { buildAsked, dev, lead, openTestBroker, type TestBroker } from '../../support/broker.ts';
import { findViolations } from '../../support/faults/invariants.ts';

let broker: TestBroker;

beforeEach(async () => {
  broker = await openTestBroker();
});

afterEach(async () => {
  expect(await findViolations({ store: broker.store, now: broker.clock.now() })).toEqual([]);
  await broker.store.close();
});

describe('what policy says', () => {
  it('approves at once what is automatic, to be claimed within the window', async () => {
    const request = await broker.ask();
    expect(request).toMatchObject({ state: 'approved', claimBy: broker.clock.now() + 900_000, version: 1 });
    expect(request.decision).toMatchObject({
      outcome: 'automatic',
      rule: 'scripted',
      policyVersion: 'policy-1',
    });
  });

  it('keeps what needs people pending, and lets it lapse when nobody decides', async () => {
    broker.policy.outcome = 'needs_people';
    const request = await broker.ask();
    expect(request).toMatchObject({ state: 'pending', claimBy: null });
    await broker.clock.advance(3_600_000);
    expect(await broker.runDue()).toEqual([`remind:${request.id}`, `lapse:${request.id}`]);
    expect((await broker.store.readRequest(request.id))?.state).toBe('lapsed');
  });

  it('answers a denial with its reasons, and keeps nothing to do for it', async () => {
    broker.policy.outcome = 'denied';
    const request = await broker.ask();
    expect(request).toMatchObject({ state: 'denied', decision: { reasons: ['the script says denied'] } });
    expect(await broker.store.findNextWorkAt()).toBeUndefined();
  });

  it('refuses a reason that is shorter than policy wants, and a missing ticket, before anything is kept', async () => {
    broker.policy.obligations = { ...NO_OBLIGATIONS, needsReason: true, minimumReasonLength: 10 };
    await expect(broker.ask({ reason: ' short ' })).rejects.toMatchObject({ code: 'bad_reason' });
    broker.policy.obligations = { ...NO_OBLIGATIONS, needsTicket: true };
    await expect(broker.ask()).rejects.toMatchObject({ code: 'missing_answer' });
    await expect(broker.ask({ ticket: 'INC-1' })).resolves.toMatchObject({ ticket: 'INC-1' });
    expect(await broker.store.listRequests({ limit: 9 })).toHaveLength(1);
  });

  it('refuses an unknown scope and a duration over the maximum without asking policy', async () => {
    await expect(broker.ask({ scopes: ['prod:db.reed'] })).rejects.toMatchObject({ code: 'unknown_scope' });
    await expect(broker.ask({ durationSeconds: 99_999 })).rejects.toMatchObject({
      code: 'duration_too_long',
    });
    expect(broker.policy.questions).toEqual([]);
  });

  it('asks about every scope alone, with the purpose and the moment', async () => {
    await broker.ask({ scopes: ['prod:db.write', 'prod:db.read', 'prod:db.read'] });
    expect(broker.policy.questions.map(({ scope }) => scope.name)).toEqual(['prod:db.read', 'prod:db.write']);
    expect(broker.policy.questions[0]).toMatchObject({
      purpose: 'ask',
      circumstances: { now: broker.clock.now(), ip: '127.0.0.1', durationSeconds: 600 },
    });
  });

  it('previews without writing anything', async () => {
    expect(await preview(broker, { asker: dev, asked: buildAsked() })).toMatchObject({
      outcome: 'automatic',
    });
    expect(await broker.store.listRequests({ limit: 9 })).toEqual([]);
    expect(await broker.store.listEvents({ limit: 9 })).toEqual([]);
  });
});

describe('asking again', () => {
  it('with the same key finds the same request, and with another question it is a conflict', async () => {
    const order = { asker: dev, asked: buildAsked(), idempotencyKey: 'k' };
    const { request: first } = await submit(broker, order);
    expect((await submit(broker, order)).request.id).toBe(first.id);
    const other = { ...order, asked: buildAsked({ reason: 'something else entirely' }) };
    await expect(submit(broker, other)).rejects.toMatchObject({ code: 'idempotency_conflict' });
    expect((await submit(broker, { ...order, asker: lead })).request.id).not.toBe(first.id);
  });

  it('with the same key after a denial is the same denial, though policy has changed its mind', async () => {
    broker.policy.outcome = 'denied';
    const order = { asker: dev, asked: buildAsked(), idempotencyKey: 'k' };
    const denied = await submit(broker, order);
    broker.policy.outcome = 'automatic';
    expect(await submit(broker, order)).toEqual(denied);
  });

  it('joins an open request for the same, however it is written', async () => {
    const first = await broker.ask({ scopes: ['prod:db.write', 'prod:db.read'] });
    const again = await broker.ask({ scopes: ['prod:db.read', 'prod:db.write'], reason: 'another reason' });
    expect(again.id).toBe(first.id);
    expect((await broker.ask({ scopes: ['prod:db.read'] })).id).not.toBe(first.id);
    expect((await broker.ask({ scopes: ['prod:db.read', 'prod:db.write'] }, lead)).id).not.toBe(first.id);
  });

  it('makes a new request when the open one is over by the clock, though nobody has written that down', async () => {
    const first = await broker.ask();
    await broker.clock.advance(900_000);
    const second = await broker.ask();
    expect(second).toMatchObject({ state: 'approved' });
    expect(second.id).not.toBe(first.id);
    expect((await broker.store.readRequest(first.id))?.state).toBe('lapsed');
  });

  it('finds the grant that is held and lasts long enough', async () => {
    const first = await broker.ask({ durationSeconds: 14_400 });
    await broker.claim(dev, first.id);
    expect(await broker.ask({ durationSeconds: 600 })).toMatchObject({ id: first.id, state: 'claimed' });
  });

  it('finds the grant that is held when more time would be a moment only: a tenth, and a minute at most', async () => {
    const first = await broker.ask({ durationSeconds: 3600 });
    await broker.claim(dev, first.id);
    await broker.clock.advance(60_000);
    expect((await broker.ask({ durationSeconds: 3600 })).id).toBe(first.id);
    await broker.clock.advance(1);
    expect(await broker.ask({ durationSeconds: 3600 })).toMatchObject({ extendsGrantId: expect.any(String) });
    const short = await broker.ask({ scopes: ['prod:db.write'], durationSeconds: 10 });
    await broker.claim(dev, short.id);
    await broker.clock.advance(1001);
    expect(await broker.ask({ scopes: ['prod:db.write'], durationSeconds: 10 })).toMatchObject({
      extendsGrantId: expect.any(String),
    });
  });

  it('asks for more time on the grant that is held and does not last long enough', async () => {
    const first = await broker.ask({ durationSeconds: 600 });
    const { grant } = await broker.claim(dev, first.id);
    const more = await broker.ask({ durationSeconds: 3600 });
    expect(more).toMatchObject({ state: 'approved', extendsGrantId: grant.id });
    expect(broker.policy.questions.at(-1)?.purpose).toBe('extend');
    expect((await broker.ask({ durationSeconds: 3600 })).id).toBe(more.id);
  });

  it('makes a new request when the grant is over by the clock, though nobody has written that down', async () => {
    const first = await broker.ask({ durationSeconds: 600 });
    const { grant } = await broker.claim(dev, first.id);
    await broker.clock.advance(600_000);
    expect(await broker.ask()).toMatchObject({ state: 'approved', extendsGrantId: null });
    expect(await broker.store.readGrant(grant.id)).toMatchObject({
      state: 'revoking',
      endedBecause: 'expired',
    });
  });

  it('does not join more time on a grant that has ended meanwhile', async () => {
    const { grant } = await broker.claim(dev, (await broker.ask()).id);
    broker.policy.outcome = 'needs_people';
    const more = await broker.ask({ durationSeconds: 3600 });
    expect(more).toMatchObject({ state: 'pending', extendsGrantId: grant.id });
    await broker.clock.advance(600_000);
    await broker.runDue();
    const fresh = await broker.ask({ durationSeconds: 3600 });
    expect(fresh).toMatchObject({ state: 'pending', extendsGrantId: null });
    expect(fresh.id).not.toBe(more.id);
  });
});

describe('asking for more time', () => {
  it('is about the scopes of the grant, whatever was named, and within their maximum', async () => {
    const { grant } = await broker.claim(dev, (await broker.ask({ scopes: ['prod:db.write'] })).id);
    const extension = { extendsGrantId: grant.id, scopes: ['prod:db.read'] };
    await expect(broker.ask({ ...extension, durationSeconds: 7200 })).rejects.toMatchObject({
      code: 'duration_too_long',
    });
    expect(await broker.ask(extension)).toMatchObject({
      scopes: ['prod:db.write'],
      extendsGrantId: grant.id,
    });
  });

  it('on the grant of somebody else is not_found, on one that is over no_grant', async () => {
    const { grant } = await broker.claim(dev, (await broker.ask()).id);
    const extendsGrantId = grant.id;
    await expect(broker.ask({ extendsGrantId }, lead)).rejects.toMatchObject({ code: 'not_found' });
    await broker.clock.advance(600_000);
    await expect(broker.ask({ extendsGrantId })).rejects.toMatchObject({ code: 'no_grant' });
  });
});

describe('at the very same moment', () => {
  it('32 requests with 32 keys are one request, and one grant', async () => {
    const requests = await Promise.all(Array.from({ length: 32 }, () => broker.ask()));
    expect(new Set(requests.map((request) => request.id)).size).toBe(1);
    expect(await broker.store.listRequests({ limit: 99 })).toHaveLength(1);
  });

  it('32 who ask and claim at once hold one grant', async () => {
    const claims = Array.from({ length: 32 }, async () => broker.claim(dev, (await broker.ask()).id));
    const deliveries = await Promise.all(claims);
    expect(new Set(deliveries.map(({ grant }) => grant.id)).size).toBe(1);
    expect(await broker.store.listGrants({ limit: 99 })).toHaveLength(1);
    expect(broker.target.live.size).toBe(1);
  });
});
