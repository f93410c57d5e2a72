import assert from 'node:assert/strict';
import type { Store } from '../../core/ports/store.ts';
import type { AccessRequest } from '../../core/request.ts';
import type { SuiteRunner } from '../suite.ts';
import {
  advance,
  buildDecision,
  buildEvent,
  buildNotice,
  buildRequest,
  buildReview,
  moveGrant,
  storeGrant,
  storeRequest,
  submit,
} from './rows.ts';
import { type OpenSubject, onStore } from './subject.ts';

/** What was written is what is read. */
export function storeReadSuite({ test }: SuiteRunner, open: OpenSubject): void {
  test(
    'a request is read as it was written, its decision and reviews with it',
    onStore(open, async (store) => {
      const before = buildRequest({
        breakGlass: true,
        extendsGrantId: 'gr_9',
        ticket: null,
        decision: buildDecision(),
      });
      await store.commit(submit(before));
      assert.deepEqual(await store.readRequest(before.id), before);
      const once = advance<AccessRequest>(before, {
        reviews: [buildReview(before, 'sub-b', { reason: 'fine' })],
      });
      await store.commit({ request: { before, after: once }, event: buildEvent('request.approved') });
      const twice = advance<AccessRequest>(once, {
        state: 'approved',
        claimBy: 9_000,
        reviews: [...once.reviews, buildReview(once, 'sub-a', { at: 1_400 })],
        decision: buildDecision({
          outcome: 'automatic',
          input: '{"context":{"now":2}}',
          policyVersion: 'policy-2',
        }),
      });
      await store.commit({ request: { before: once, after: twice }, event: buildEvent('request.approved') });
      assert.deepEqual(await store.readRequest(before.id), twice);
      assert.deepEqual(await store.listRequests({ limit: 9 }), [twice]);
      assert.equal(await store.readRequest('req_none'), undefined);
    }),
  );

  test(
    'a list has as many rows as were asked for and no more, the newest first',
    onStore(open, async (store) => {
      for (const createdAt of [1_001, 1_002, 1_003, 1_004, 1_005]) await storeRequest(store, { createdAt });
      const newest = (await store.listRequests({ limit: 3 })).map(({ createdAt }) => createdAt);
      assert.deepEqual(newest, [1_005, 1_004, 1_003]);
      assert.equal((await store.listEvents({ limit: 3 })).length, 3);
      assert.equal((await store.listChanges({ after: 0, limit: 3 })).length, 3);
      assert.equal((await store.listRequests({ limit: 100 })).length, 5);
    }),
  );

  test(
    'a grant is read as it was written, through its whole life',
    onStore(open, async (store) => {
      const begun = await storeGrant(store);
      assert.deepEqual(await store.readGrant(begun.id), begun);
      const active = await moveGrant(store, begun, { state: 'active', claimedAt: 2_500 });
      const longer = await moveGrant(store, active, { expiresAt: active.latestEndAt });
      const revoking = await moveGrant(store, longer, { state: 'revoking', endedBecause: 'done' });
      const tried = await moveGrant(store, revoking, {
        revocation: {
          ...revoking.revocation,
          token: 'revoked',
          target: 'removing',
          attempts: 1,
          lastError: 'refused',
        },
      });
      assert.deepEqual(await store.findGrantByToken(begun.tokenId), tried);
      assert.deepEqual(await store.findLiveGrant(begun.requestId), tried);
      const ended = await moveGrant(store, tried, { state: 'ended', endedAt: 7_000 });
      assert.deepEqual(await store.listGrants({ limit: 9 }), [ended]);
      assert.deepEqual(await store.findGrantByToken(begun.tokenId), ended);
      assert.equal(await store.findGrantByToken('none'), undefined);
      assert.equal(await store.readGrant('gr_none'), undefined);
    }),
  );

  test(
    'requests are listed newest first, by person, by state, by target, and no more than asked for',
    onStore(open, async (store) => {
      const anna = { subject: 'anna', name: 'Anna', kind: 'person', groups: [], person: 'anna' } as const;
      const first = await storeRequest(store, { createdAt: 1, requestedBy: anna });
      const third = await storeRequest(store, { createdAt: 3, state: 'denied', requestedBy: anna });
      const second = await storeRequest(store, { createdAt: 2 });
      assert.deepEqual(await store.listRequests({ limit: 9 }), [third, second, first]);
      assert.deepEqual(await store.listRequests({ limit: 2 }), [third, second]);
      assert.deepEqual(await store.listRequests({ requestedBy: 'anna', limit: 9 }), [third, first]);
      assert.deepEqual(await store.listRequests({ states: ['pending', 'lapsed'], limit: 9 }), [
        second,
        first,
      ]);
      assert.deepEqual(await store.listRequests({ states: [], limit: 9 }), []);
      const elsewhere = await storeRequest(store, { target: 'billing', requestedBy: anna });
      assert.deepEqual(await store.listRequests({ target: 'billing', limit: 9 }), [elsewhere]);
      assert.deepEqual(
        await store.listRequests({ target: 'orders', requestedBy: 'anna', states: ['pending'], limit: 9 }),
        [first],
      );
    }),
  );

  test(
    'in a list of hundreds each request has its own reviews and notices',
    onStore(open, async (store) => {
      const stored = await Promise.all(Array.from({ length: 600 }, (_, at) => storeReviewed(store, at)));
      const listed = await store.listRequests({ limit: 999 });
      assert.deepEqual(listed, stored.toReversed());
      const notices = await store.listNotices(listed.map((request) => request.id));
      assert.deepEqual(
        notices.map((notice) => notice.requestId),
        stored.map((request) => request.id),
      );
    }),
  );

  test(
    'grants are listed newest first, by holder, by state and by target',
    onStore(open, async (store) => {
      const holder = { subject: 'anna', name: 'Anna' };
      const first = await storeGrant(store, { claimedAt: 1, heldBy: holder });
      const third = await storeGrant(store, { claimedAt: 3, state: 'active', target: 'billing' });
      const second = await storeGrant(store, { claimedAt: 2, state: 'active' });
      assert.deepEqual(await store.listGrants({ limit: 9 }), [third, second, first]);
      assert.deepEqual(await store.listGrants({ limit: 1 }), [third]);
      assert.deepEqual(await store.listGrants({ heldBy: 'anna', limit: 9 }), [first]);
      assert.deepEqual(await store.listGrants({ states: ['active'], limit: 9 }), [third, second]);
      assert.deepEqual(await store.listGrants({ target: 'orders', states: ['active'], limit: 9 }), [second]);
      assert.deepEqual(await store.listGrants({ states: [], limit: 9 }), []);
    }),
  );

  test(
    'the grant that a credential was made for is found by its handle: the newest that has ended at that target',
    onStore(open, async (store) => {
      const rest = { state: 'ended', endedAt: 9, handle: 'role_1' } as const;
      await storeGrant(store, { ...rest, claimedAt: 1 });
      const newest = await storeGrant(store, { ...rest, claimedAt: 3 });
      await storeGrant(store, { ...rest, claimedAt: 2 });
      await storeGrant(store, { ...rest, claimedAt: 4, state: 'active', endedAt: null });
      const elsewhere = await storeGrant(store, { ...rest, claimedAt: 5, target: 'billing' });
      const find = (target: string, handle: string) => store.findEndedGrant({ target, handle });
      assert.deepEqual(await find('orders', 'role_1'), newest);
      assert.deepEqual(await find('billing', 'role_1'), elsewhere);
      assert.equal(await find('orders', 'role_2'), undefined);
      assert.equal(await find('billing', ''), undefined);
    }),
  );

  test(
    'events are listed in the order in which they were written, whatever their ids and times',
    onStore(open, async (store) => {
      const about = { requestId: 'req_e', grantId: 'gr_e' };
      const late = buildEvent('grant.revoking', {
        ...about,
        id: 'z',
        at: 9,
        detail: { nested: [1, { a: null }] },
      });
      const early = buildEvent('grant.ended', { ...about, id: 'a', at: 1 });
      const other = buildEvent('session.started', { actor: 'system' });
      for (const event of [late, other, early]) await store.commit({ event });
      assert.deepEqual(await store.listEvents({ limit: 9 }), [late, other, early]);
      assert.deepEqual(await store.listEvents({ requestId: 'req_e', limit: 9 }), [late, early]);
      assert.deepEqual(await store.listEvents({ grantId: 'gr_e', limit: 1 }), [late]);
      assert.deepEqual(await store.listEvents({ grantId: 'gr_none', limit: 9 }), []);
    }),
  );

  test(
    'the last use only moves forward, also under a transition that knew of an earlier one',
    onStore(open, async (store) => {
      const grant = await storeGrant(store, { state: 'active' });
      await store.recordUse(grant.id, 5_000);
      await store.recordUse(grant.id, 4_000);
      assert.deepEqual(await store.readGrant(grant.id), { ...grant, lastUsedAt: 5_000 });
      await moveGrant(store, { ...grant, lastUsedAt: 3_000 }, { state: 'revoking' });
      assert.equal((await store.readGrant(grant.id))?.lastUsedAt, 5_000);
    }),
  );
}

async function storeReviewed(store: Store, at: number): Promise<AccessRequest> {
  const plain = buildRequest({ createdAt: at });
  const request = { ...plain, reviews: [buildReview(plain, `sub-${at}`)] };
  await store.commit(submit(request, { notices: [buildNotice(request.id, { createdAt: at })] }));
  return request;
}
