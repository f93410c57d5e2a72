import assert from 'node:assert/strict';
import type { AuditEventKind } from '../../core/audit/event.ts';
import type { Store, Transition } from '../../core/ports/store.ts';
import type { AccessRequest, RequestState } from '../../core/request.ts';
import type { SuiteRunner } from '../suite.ts';
import {
  advance,
  buildEvent,
  buildGrant,
  buildNotice,
  buildRequest,
  buildReview,
  buildWork,
  moveGrant,
  storeRequest,
  submit,
} from './rows.ts';
import { count, type OpenSubject, onStore } from './subject.ts';

const ROUNDS = 200;
const CALLERS = 32;

const ENDS: readonly (readonly [RequestState, AuditEventKind])[] = [
  ['approved', 'request.approved'],
  ['denied', 'request.denied'],
  ['cancelled', 'request.cancelled'],
  ['lapsed', 'request.lapsed'],
];

/** Many callers from one row: one winner, and no trace of the others. */
export function storeRaceSuite({ test }: SuiteRunner, open: OpenSubject): void {
  test(
    'S1, I2, I4, APR-02: of 32 approving, denying, cancelling and lapsing at once one is committed, 200 times over, with one event each time',
    onStore(open, async (store) => {
      for (let round = 0; round < ROUNDS; round += 1) await raceOnce(store);
    }),
  );

  test(
    'S1: a loser leaves nothing behind: no grant, no work, no idempotency key, no event',
    onStore(open, async (store) => {
      const before = await storeRequest(store, { state: 'approved' });
      assert.equal(await store.commit(decide(before, 0)), 'lost', 'another state than the row has');
      const stale = { ...before, version: 7 };
      const grant = buildGrant(before);
      const outcome = await store.commit({
        request: { before: stale, after: advance(stale, { state: 'claimed', grantId: grant.id }) },
        grant: { insert: grant },
        event: buildEvent('grant.activated', { requestId: before.id, grantId: grant.id }),
        work: [{ queue: buildWork('expire') }],
        idempotency: { subject: 's', key: 'k', fingerprint: 'f', requestId: before.id },
      });
      assert.equal(outcome, 'lost');
      assert.deepEqual(await store.readRequest(before.id), before);
      assert.equal(await store.readGrant(grant.id), undefined);
      assert.equal(await store.findNextWorkAt(), undefined);
      assert.equal(await store.findIdempotent('s', 'k'), undefined);
      assert.equal((await store.listEvents({ requestId: before.id, limit: 9 })).length, 1);
    }),
  );

  test(
    'S1: what a loser wrote before it lost is undone',
    onStore(open, async (store) => {
      const before = await storeRequest(store, { state: 'approved' });
      const held = await beginGrant(store, before);
      const outcome = await store.commit({
        request: { before, after: advance(before, { state: 'claimed' }) },
        grant: { insert: buildGrant(before) },
        event: buildEvent('grant.provisioning', { requestId: before.id }),
      });
      assert.equal(outcome, 'lost');
      assert.deepEqual(await store.readRequest(before.id), before);
      assert.equal((await store.findLiveGrant(before.id))?.id, held.id);
    }),
  );

  test(
    'I2: of 32 grants begun at once for one request one lives; the next may begin when it has ended',
    onStore(open, async (store) => {
      const request = await storeRequest(store, { state: 'approved' });
      const grants = Array.from({ length: CALLERS }, () => buildGrant(request));
      const outcomes = grants.map((grant) =>
        store.commit({
          grant: { insert: grant },
          event: buildEvent('grant.provisioning', { requestId: request.id, grantId: grant.id }),
        }),
      );
      assert.equal(await count(outcomes, 'committed'), 1);
      const live = await store.findLiveGrant(request.id);
      assert.ok(live);
      assert.equal((await store.listGrants({ limit: 99 })).length, 1);
      const revoking = await moveGrant(store, live, { state: 'revoking', endedBecause: 'failed' });
      await moveGrant(store, revoking, { state: 'ended', endedAt: 3_000 });
      assert.equal(await store.findLiveGrant(request.id), undefined);
      const next = await beginGrant(store, request);
      assert.equal((await store.findLiveGrant(request.id))?.id, next.id);
    }),
  );

  test(
    'one idempotency key makes one request, however many send it at once; another person has keys of their own',
    onStore(open, async (store) => {
      const requests = Array.from({ length: CALLERS }, () => buildRequest());
      const send = (request: AccessRequest, subject: string) =>
        store.commit(
          submit(request, { idempotency: { subject, key: 'k', fingerprint: 'f', requestId: request.id } }),
        );
      assert.equal(
        await count(
          requests.map((request) => send(request, 'anna')),
          'committed',
        ),
        1,
      );
      const [kept, ...more] = await store.listRequests({ limit: 99 });
      assert.deepEqual(more, []);
      assert.deepEqual(await store.findIdempotent('anna', 'k'), {
        subject: 'anna',
        key: 'k',
        fingerprint: 'f',
        requestId: kept?.id,
      });
      assert.equal(await send(buildRequest(), 'bert'), 'committed');
      assert.equal(await store.findIdempotent('anna', 'other'), undefined);
    }),
  );
}

async function raceOnce(store: Store): Promise<void> {
  const before = await storeRequest(store);
  const transitions = Array.from({ length: CALLERS }, (_, caller) => decide(before, caller));
  const outcomes = await Promise.all(transitions.map((transition) => store.commit(transition)));
  assert.equal(outcomes.filter((outcome) => outcome === 'committed').length, 1);
  const winner = transitions[outcomes.indexOf('committed')];
  const [submitted, won, ...more] = await store.listEvents({ requestId: before.id, limit: 99 });
  assert.equal(submitted?.kind, 'request.submitted');
  assert.deepEqual(won, winner?.event);
  assert.deepEqual(more, []);
  assert.ok(winner?.request && 'after' in winner.request);
  assert.deepEqual(await store.readRequest(before.id), winner.request.after);
  assert.deepEqual(await store.listNotices([before.id]), winner.notices);
}

/** As its caller would write it: approving and denying come with a review, approving may give less. */
function decide(before: AccessRequest, caller: number): Transition {
  const [state, kind] = ENDS[caller % ENDS.length] ?? ['lapsed', 'request.lapsed'];
  const seen = { ...before, state: 'pending' } as const;
  const breadth = state === 'approved' ? { durationSeconds: seen.durationSeconds - caller } : {};
  const asReviewed = { ...seen, ...breadth };
  const review =
    state === 'approved' || state === 'denied'
      ? { reviews: [buildReview(asReviewed, `sub-${caller}`, { outcome: state })] }
      : {};
  return {
    request: { before: seen, after: advance<AccessRequest>(seen, { state, ...breadth, ...review }) },
    event: buildEvent(kind, { requestId: before.id, actor: `caller-${caller}` }),
    notices: [buildNotice(before.id, { channel: `told by ${caller}` })],
  };
}

async function beginGrant(store: Store, request: AccessRequest) {
  const grant = buildGrant(request);
  const event = buildEvent('grant.provisioning', { requestId: request.id, grantId: grant.id });
  assert.equal(await store.commit({ grant: { insert: grant }, event }), 'committed');
  return grant;
}
