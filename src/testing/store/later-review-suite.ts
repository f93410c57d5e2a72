import assert from 'node:assert/strict';
import type { AccessRequest, LaterReview } from '../../core/request.ts';
import { REQUEST_STATES } from '../../core/request.ts';
import type { SuiteRunner } from '../suite.ts';
import { buildMove, expectMoved, expectRefused } from './moves.ts';
import {
  advance,
  buildEvent,
  buildGrant,
  buildLaterReview,
  buildReviewer,
  storeGrant,
  storeRequest,
} from './rows.ts';
import { count, type OpenSubject, onStore } from './subject.ts';

const DUE = { breakGlass: true, afterwards: { dueAt: 90_000, review: null } } as const;

/** What is said of break-glass when it is over. */
export function storeLaterReviewSuite({ test }: SuiteRunner, open: OpenSubject): void {
  test(
    'break-glass is reviewed afterwards once: of 32 reviewers at once one is',
    onStore(open, async (store) => {
      const before = await storeRequest(store, { ...DUE, state: 'claimed' });
      assert.deepEqual(await store.readRequest(before.id), before);
      const reviews = Array.from({ length: 32 }, (_, caller) => buildLaterReview(`sub-${caller}`));
      const outcomes = reviews.map((review) => store.commit(buildMove(before, judge(before, review))));
      assert.equal(await count(outcomes, 'committed'), 1);
      const after = await store.readRequest(before.id);
      assert.ok(after?.afterwards?.review);
      assert.ok(reviews.some((review) => review.by.subject === after.afterwards?.review?.by.subject));
      assert.deepEqual(after, judge(before, after.afterwards.review));
      await expectRefused(store, after, judge(after, buildLaterReview('sub-late')));
      await expectRefused(store, after, advance(after, { afterwards: DUE.afterwards }));
      await expectRefused(store, after, advance(after, { afterwards: null }));
    }),
  );

  test(
    'it is read as it was written, in a list too',
    onStore(open, async (store) => {
      const before = await storeRequest(store, { ...DUE, state: 'claimed' });
      const review = buildLaterReview('sub-lead', { outcome: 'objected', way: 'slack', at: 95_000 });
      const after = await expectMoved(store, before, judge(before, review));
      assert.deepEqual(await store.readRequest(before.id), after);
      assert.deepEqual(await store.listRequests({ limit: 9 }), [after]);
    }),
  );

  test(
    'a grant that came of break-glass says so, however it is read and whoever wrote it; another does not',
    onStore(open, async (store) => {
      const usual = await storeGrant(store);
      const unsaid = buildGrant(await storeRequest(store, { ...DUE, state: 'approved' }));
      const event = buildEvent('grant.provisioning', { requestId: unsaid.requestId, grantId: unsaid.id });
      await store.commit({ grant: { insert: unsaid }, event });
      const glass = { ...unsaid, breakGlass: true };
      assert.deepEqual(await store.readGrant(unsaid.id), glass);
      assert.deepEqual(await store.findGrantByToken(unsaid.tokenId), glass);
      assert.deepEqual(await store.findLiveGrant(unsaid.requestId), glass);
      const listed = await store.listGrants({ limit: 9 });
      assert.deepEqual(
        listed.filter(({ breakGlass }) => breakGlass),
        [glass],
      );
      assert.deepEqual(
        listed.filter(({ breakGlass }) => !breakGlass),
        [usual],
      );
    }),
  );

  test(
    'nothing else changes with it, and nothing else does of what was claimed',
    onStore(open, async (store) => {
      const before = await storeRequest(store, { ...DUE, state: 'claimed' });
      const after = judge(before, buildLaterReview('sub-lead'));
      const later = { ...DUE.afterwards, dueAt: 99_000 };
      const changes: readonly Partial<AccessRequest>[] = [
        { state: 'cancelled' },
        { grantId: 'gr_else' },
        { lapsesAt: 99_000 },
        { durationSeconds: 60 },
        { afterwards: { ...later, review: buildLaterReview('sub-lead') } },
      ];
      for (const change of changes)
        await expectRefused(store, before, { ...after, ...change }, JSON.stringify(change));
      await expectRefused(store, before, advance(before, { afterwards: later }));
      await expectRefused(store, before, advance(before, {}));
      const granted = await storeRequest(store, { ...DUE, state: 'approved' });
      const told = judge(granted, buildLaterReview('sub-lead'));
      for (const state of ['claimed', 'lapsed'] as const)
        await expectRefused(store, granted, { ...told, state });
      assert.deepEqual(await store.readRequest(before.id), before);
    }),
  );

  test(
    'also break-glass that was granted and never claimed is looked at',
    onStore(open, async (store) => {
      for (const state of REQUEST_STATES.filter((each) => each !== 'pending')) {
        const before = await storeRequest(store, { ...DUE, state });
        await expectMoved(store, before, judge(before, buildLaterReview('sub-lead')));
      }
    }),
  );

  test(
    'S3: the requester does not say it, and of what was no break-glass nobody does',
    onStore(open, async (store) => {
      const before = await storeRequest(store, { ...DUE, state: 'claimed' });
      const { subject, person } = before.requestedBy;
      for (const by of [
        buildReviewer(subject),
        buildReviewer('sub-alias', { person }),
        buildReviewer('SUB-DEV'),
      ])
        await expectRefused(store, before, judge(before, buildLaterReview(by.subject, { by })));
      const plain = await storeRequest(store, { state: 'claimed' });
      await expectRefused(store, plain, judge(plain, buildLaterReview('sub-lead')));
      const pending = await storeRequest(store);
      await expectRefused(store, pending, advance(pending, { afterwards: DUE.afterwards }));
    }),
  );

  test(
    'what nobody has looked at yet is listed, of one person or of all',
    onStore(open, async (store) => {
      const anna = { subject: 'anna', name: 'Anna', kind: 'person', groups: [], person: 'anna' } as const;
      const first = await storeRequest(store, { ...DUE, state: 'claimed', createdAt: 1 });
      const second = await storeRequest(store, {
        ...DUE,
        state: 'claimed',
        createdAt: 2,
        requestedBy: anna,
      });
      const done = await storeRequest(store, { ...DUE, state: 'claimed', createdAt: 3 });
      await expectMoved(store, done, judge(done, buildLaterReview('sub-lead')));
      await storeRequest(store, { state: 'claimed' });
      assert.deepEqual(await store.listRequests({ isReviewDue: true, limit: 9 }), [second, first]);
      assert.deepEqual(await store.listRequests({ isReviewDue: true, requestedBy: 'anna', limit: 9 }), [
        second,
      ]);
    }),
  );
}

function judge(before: AccessRequest, review: LaterReview): AccessRequest {
  const dueAt = before.afterwards?.dueAt ?? 90_000;
  return advance(before, { afterwards: { dueAt, review } });
}
