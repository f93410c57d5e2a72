import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Asker } from '../../../src/broker/parts.ts';
import { createPace } from '../../../src/broker/request/pace.ts';
import { approve } from '../../../src/broker/review/review.ts';
import { reviewAfterwards } from '../../../src/broker/review/review-afterwards.ts';
import { listHistory } from '../../../src/broker/view/query.ts';
import type { Principal } from '../../../src/core/principal.ts';
import { type AccessRequest, REVIEW_WAYS } from '../../../src/core/request.ts';
import { buildAsker, dev, type TestBroker } from '../../support/broker.ts';
import { approveNow, openReviewBroker } from '../../support/reviews/reviewing.ts';

const own = { openRequests: 20, liveGrants: 20, callsPerMinute: 120 };

let broker: TestBroker;

beforeEach(async () => {
  broker = await openReviewBroker();
  broker.policy.may = () => true;
});

afterEach(() => broker.store.close());

function as(changes: Partial<Principal>): Asker {
  const { principal, ...rest } = buildAsker('dev', ['engineers', 'dba', 'admins']);
  return { ...rest, principal: { ...principal, ...changes } };
}

async function listRefusals({ id }: Pick<AccessRequest, 'id'>): Promise<readonly object[]> {
  const events = await broker.store.listEvents({ requestId: id, limit: 20 });
  return events
    .filter(({ kind }) => kind === 'request.review_refused')
    .map(({ actor, detail }) => ({ actor, because: detail.because }));
}

it('APR-01, INP-01: is refused however often it is tried, and on record as often as one may ask in a minute', async () => {
  const limits = { people: { ...own, callsPerMinute: 3 }, workloads: own };
  const strict = { ...broker, settings: { ...broker.settings, limits } };
  const slow = { ...strict, keepPace: createPace(strict) };
  const request = await broker.ask();
  const codes: unknown[] = [];
  for (let time = 0; time < 5; time += 1)
    codes.push(await approveNow(slow, request, { asker: dev }).catch(({ code }) => code));
  expect(codes).toEqual(['self_approval', 'self_approval', 'self_approval', 'too_many', 'too_many']);
  expect(await listRefusals(request)).toHaveLength(3);
  expect((await broker.store.readRequest(request.id))?.state).toBe('pending');
});

/** Everybody here is, or may be, the one who asked. */
const SELVES: readonly { readonly who: string; readonly asker: Asker }[] = [
  { who: 'the requester', asker: dev },
  { who: 'the requester, now in every group', asker: as({}) },
  { who: 'the requester under a new name', asker: as({ name: 'somebody else' }) },
  { who: 'a second account of the same human', asker: as({ subject: 'dev:dev2', name: 'dev2' }) },
  { who: 'the account in other letter case', asker: as({ subject: 'dev:DEV', name: 'x', person: 'x' }) },
  { who: 'a Cyrillic look-alike', asker: as({ subject: 'dev:d\u0435v', name: 'y', person: 'y' }) },
  {
    who: 'a full-width look-alike',
    asker: as({ subject: 'dev:\uff44\uff45\uff56', name: 'z', person: 'z' }),
  },
  {
    who: 'an account with invisible letters',
    asker: as({ subject: 'dev:d\u200bev', name: 'q', person: 'q' }),
  },
  { who: 'another account of the same name', asker: as({ subject: 'dev:7', person: '7' }) },
  { who: 'a name that only looks the same', asker: as({ subject: 'dev:8', person: '8', name: 'Dev' }) },
];

describe('APR-01: nobody approves their own request', () => {
  it.each(SELVES)('refuses $who, on every way, and records it', async ({ asker }) => {
    const request = await broker.ask();
    for (const way of REVIEW_WAYS) {
      await expect(approveNow(broker, request, { asker, way })).rejects.toMatchObject({
        code: 'self_approval',
      });
    }
    expect((await broker.store.readRequest(request.id))?.state).toBe('pending');
    expect(await listRefusals(request)).toEqual(
      REVIEW_WAYS.map(() => ({ actor: asker.principal.subject, because: 'self_approval' })),
    );
  });

  it.each(SELVES)('refuses $who as the one who looks at break-glass afterwards', async ({ asker }) => {
    broker.policy.outcome = 'automatic';
    const request = await broker.ask({
      breakGlass: true,
      reason: 'INC-4211 the shop is down and nobody is awake',
    });
    await expect(
      reviewAfterwards(broker, {
        asker,
        requestId: request.id,
        way: 'page',
        outcome: 'accepted',
        reason: 'it was fine',
      }),
    ).rejects.toMatchObject({ code: 'self_approval' });
    expect(await listRefusals(request)).toEqual([
      { actor: asker.principal.subject, because: 'self_approval' },
    ]);
  });

  it('shows nothing to somebody who only calls himself so, and may decide on nothing', async () => {
    const request = await broker.ask();
    const alike = as({ subject: 'dev:8', person: '8', name: 'Dev', groups: ['engineers'] });
    const same = as({ subject: 'dev:dev2', name: 'dev2', groups: ['engineers'] });
    broker.policy.may = ({ action, principal }) => action === 'approve' && principal.groups.includes('dba');
    await expect(approveNow(broker, request, { asker: alike })).rejects.toMatchObject({ code: 'not_found' });
    expect((await listHistory(broker, alike, { limit: 9, user: 'dev:dev' })).requests).toEqual([]);
    expect((await listHistory(broker, same, { limit: 9, user: 'dev:dev' })).requests).toHaveLength(1);
  });

  it('counts one human once, in however many groups and accounts, and records the second attempt', async () => {
    const groups = ['dba', 'security'];
    broker.policy.obligations = { ...broker.policy.obligations, approvals: 2, approverGroups: groups };
    const anna = buildAsker('anna', groups);
    const alias = buildAsker('anna-admin', groups);
    const annaAgain = { ...alias, principal: { ...alias.principal, person: anna.principal.person } };
    broker.people.push(anna.principal, alias.principal);
    const request = await broker.ask();
    expect((await approveNow(broker, request, { asker: anna })).state).toBe('pending');
    for (const asker of [anna, annaAgain]) {
      await expect(approveNow(broker, request, { asker })).rejects.toMatchObject({
        code: 'already_reviewed',
      });
    }
    const { id } = request;
    expect((await broker.store.readRequest(id))?.reviews).toHaveLength(1);
    expect(await listRefusals(request)).toEqual([
      { actor: 'dev:anna', because: 'already_reviewed' },
      { actor: 'dev:anna-admin', because: 'already_reviewed' },
    ]);
  });

  it('lets the database have the last word', async () => {
    const request = await broker.ask();
    const review = {
      by: { subject: 'dev:dev', name: 'dev', person: 'dev:dev', groups: [] },
      outcome: 'approved',
      reason: null,
      breadth: { scopes: request.scopes, durationSeconds: request.durationSeconds },
      way: 'cli',
      at: broker.clock.now(),
    } as const;
    const after = { ...request, state: 'approved' as const, version: 2, reviews: [review] };
    const event = {
      id: broker.ids.newEventId(),
      kind: 'request.approved' as const,
      at: 1,
      actor: 'x',
      requestId: request.id,
      grantId: null,
      detail: {},
    };
    await expect(broker.store.commit({ request: { before: request, after }, event })).rejects.toMatchObject({
      code: 'failed',
    });
    expect((await broker.store.readRequest(request.id))?.state).toBe('pending');
  });

  it('lets somebody else', async () => {
    const request = await broker.ask();
    const asker = buildAsker('lead', ['dba']);
    const order = { asker, requestId: request.id, way: 'page' as const, reason: null };
    const approved = await approve(broker, {
      ...order,
      scopes: null,
      durationSeconds: null,
      digest: request.digest,
    });
    expect(approved.state).toBe('approved');
  });
});
