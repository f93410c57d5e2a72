import assert from 'node:assert/strict';
import type { Store } from '../../core/ports/store.ts';
import type { AccessRequest } from '../../core/request.ts';
import type { SuiteRunner } from '../suite.ts';
import { expectLost, expectMoved, expectRefused } from './moves.ts';
import { advance, buildReview, buildReviewer, storeRequest } from './rows.ts';
import { type OpenSubject, onStore } from './subject.ts';

/** What reviewers add to a request, and what not even they may. */
export function storeReviewSuite({ test }: SuiteRunner, open: OpenSubject): void {
  test(
    'APR-05: a review gives what was asked or less, and the request becomes just that',
    onStore(open, async (store) => {
      const before = await storeRequest(store);
      const breadth = { scopes: before.scopes.slice(1), durationSeconds: 600 };
      const narrowed = await review(store, before, 'sub-lead', { ...breadth, digest: 'of less' });
      const [first] = narrowed.reviews;
      assert.deepEqual(first?.breadth, breadth);
      assert.deepEqual(await store.readRequest(before.id), narrowed);
      assert.deepEqual(narrowed.originally, {
        scopes: before.scopes,
        durationSeconds: before.durationSeconds,
      });
      for (const wider of [
        { scopes: before.scopes },
        { durationSeconds: 601 },
        { scopes: ['prod:else.read'] },
        { scopes: [] },
        { durationSeconds: 0 },
      ])
        await expectRefused(store, narrowed, addReview(narrowed, 'sub-else', wider));
      assert.deepEqual(await store.readRequest(before.id), narrowed);
    }),
  );

  test(
    'APR-05: nothing but a review makes a request less, and the review says what it became',
    onStore(open, async (store) => {
      const before = await storeRequest(store);
      await expectRefused(store, before, advance(before, { durationSeconds: 60 }));
      await expectRefused(store, before, advance(before, { digest: 'another' }));
      const silent = buildReview(before, 'sub-lead');
      await expectRefused(store, before, advance(before, { durationSeconds: 60, reviews: [silent] }));
      assert.deepEqual(await store.readRequest(before.id), before);
    }),
  );

  test(
    'what was asked, by whom and from where, stays as it was asked',
    onStore(open, async (store) => {
      const before = await storeRequest(store);
      const changes: readonly Partial<AccessRequest>[] = [
        { originally: { ...before.originally, durationSeconds: 7200 } },
        { origin: { ...before.origin, ip: '192.0.2.8' } },
        { reason: 'another' },
        { ticket: null },
        { target: 'billing' },
        { breakGlass: true },
        { extendsGrantId: 'gr_1' },
        { requestedBy: { ...before.requestedBy, person: 'human-else' } },
      ];
      for (const change of changes)
        await expectRefused(store, before, addReview(before, 'sub-lead', change), JSON.stringify(change));
    }),
  );

  test(
    'reviews are kept as they are, and added only while the request is pending',
    onStore(open, async (store) => {
      const once = await review(store, await storeRequest(store), 'sub-lead');
      const other = buildReview(once, 'sub-lead', { reason: 'another' });
      await expectRefused(store, once, advance(once, { reviews: [] }));
      await expectRefused(store, once, advance(once, { reviews: [other] }));
      const approved = await review(store, once, 'sub-else', { state: 'approved', claimBy: 9_000 });
      await expectRefused(store, approved, addReview(approved, 'sub-late'));
      assert.deepEqual(await store.readRequest(once.id), approved);
    }),
  );

  test(
    'APR-01: one human reviews a request once, with whatever account; the second time is lost',
    onStore(open, async (store) => {
      const once = await review(store, await storeRequest(store), 'sub-lead');
      const sameAccount = buildReviewer('sub-lead', { person: 'human-else' });
      const sameHuman = buildReviewer('sub-alias', { person: 'human-sub-lead' });
      const lookAlike = buildReviewer('sub-1ead');
      for (const by of [sameAccount, sameHuman, lookAlike]) {
        const again = buildReview(once, by.subject, { by, outcome: 'denied' });
        await expectLost(store, once, advance(once, { reviews: [...once.reviews, again] }));
      }
      assert.deepEqual(await store.readRequest(once.id), once);
      assert.equal((await store.listEvents({ requestId: once.id, limit: 9 })).length, 2);
      const fresh = await storeRequest(store);
      const both = [buildReview(fresh, 'sub-lead'), buildReview(fresh, 'sub-alias', { by: sameHuman })];
      await expectLost(store, fresh, advance(fresh, { reviews: both }));
      await review(store, once, 'sub-else');
    }),
  );

  test(
    'S3, APR-01: nobody reviews their own request, by an account, a human or a name that only looks different',
    onStore(open, async (store) => {
      const before = await storeRequest(store);
      const { subject, name, person } = before.requestedBy;
      for (const by of [
        buildReviewer(subject),
        buildReviewer('sub-alias', { person }),
        buildReviewer('SUB-DEV'),
        buildReviewer('sub-\u0501ev'),
        buildReviewer('sub-alias', { name: name.toUpperCase() }),
      ]) {
        const own = buildReview(before, by.subject, { by });
        await expectRefused(store, before, advance(before, { state: 'approved', reviews: [own] }));
      }
      assert.deepEqual(await store.readRequest(before.id), before);
    }),
  );

  test(
    'made less, a request cannot become the same as another open one of its person: that is lost',
    onStore(open, async (store) => {
      const wide = await storeRequest(store);
      const scopes = wide.scopes.slice(0, 1);
      const narrow = await storeRequest(store, { scopes, originally: { ...wide.originally, scopes } });
      const less = addReview(wide, 'sub-lead', { scopes, state: 'approved' });
      await expectLost(store, wide, less);
      assert.deepEqual(await store.readRequest(wide.id), wide);
      await expectMoved(store, narrow, advance(narrow, { state: 'cancelled' }));
      await expectMoved(store, wide, less);
    }),
  );

  test(
    'a request is escalated once',
    onStore(open, async (store) => {
      const before = await storeRequest(store);
      const escalated = await expectMoved(store, before, advance(before, { escalatedAt: 4_000 }));
      assert.deepEqual(await store.readRequest(before.id), escalated);
      for (const escalatedAt of [null, 5_000])
        await expectRefused(store, escalated, advance(escalated, { escalatedAt }));
    }),
  );
}

/** The request after one more review, of what it is then. */
function addReview(
  before: AccessRequest,
  subject: string,
  changes: Partial<AccessRequest> = {},
): AccessRequest {
  const after = { ...before, ...changes };
  return advance(before, { ...changes, reviews: [...before.reviews, buildReview(after, subject)] });
}

async function review(
  store: Store,
  before: AccessRequest,
  ...[subject, changes]: [subject: string, changes?: Partial<AccessRequest>]
): Promise<AccessRequest> {
  return expectMoved(store, before, addReview(before, subject, changes));
}
