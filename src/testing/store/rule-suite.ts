import assert from 'node:assert/strict';
import { hasCode } from '../../core/errors.ts';
import { canMoveGrant, GRANT_STATES, type Grant } from '../../core/grant.ts';
import type { Store, Transition } from '../../core/ports/store.ts';
import { type AccessRequest, canMoveRequest, REQUEST_STATES } from '../../core/request.ts';
import type { SuiteRunner } from '../suite.ts';
import {
  advance,
  buildEvent,
  buildGrant,
  buildRequest,
  buildReview,
  storeGrant,
  storeRequest,
  submit,
} from './rows.ts';
import { type OpenSubject, onStore } from './subject.ts';

/** What no caller may ever write, whoever it is. */
export function storeRuleSuite({ test }: SuiteRunner, open: OpenSubject): void {
  test(
    'a request moves as the table of transitions says, and stays only while pending or approved',
    onStore(open, async (store) => {
      for (const from of REQUEST_STATES) {
        for (const to of REQUEST_STATES) {
          const before = await storeRequest(store, { state: from });
          const stays = from === to && (from === 'pending' || from === 'approved');
          const after = advance(before, { state: to });
          const transition = { request: { before, after }, event: buildEvent('request.approved') };
          await expectAllowed(store, transition, stays || canMoveRequest(from, to));
          assert.equal(
            (await store.readRequest(before.id))?.version,
            stays || canMoveRequest(from, to) ? 2 : 1,
          );
        }
      }
    }),
  );

  test(
    'a grant moves as the table of transitions says',
    onStore(open, async (store) => {
      for (const from of GRANT_STATES) {
        for (const to of GRANT_STATES) {
          const before = await storeGrant(store, { state: from });
          const after = advance<Grant>(before, { state: to });
          const transition = { grant: { before, after }, event: buildEvent('grant.activated') };
          await expectAllowed(store, transition, canMoveGrant(from, to));
          assert.equal((await store.readGrant(before.id))?.version, canMoveGrant(from, to) ? 2 : 1);
        }
      }
    }),
  );

  test(
    'a version moves by one, and a row keeps its id, its person and its token',
    onStore(open, async (store) => {
      const request = await storeRequest(store);
      const grant = await storeGrant(store);
      const somebody = { ...request.requestedBy, subject: 'sub-else' };
      for (const changes of [
        { version: 3 },
        { version: 1 },
        { id: 'req_else' },
        { requestedBy: somebody },
      ] as const) {
        const after: AccessRequest = { ...request, state: 'approved', version: 2, ...changes };
        await expectRefused(store, {
          request: { before: request, after },
          event: buildEvent('request.approved'),
        });
      }
      for (const changes of [{ version: 3 }, { tokenId: 'else' }, { heldBy: somebody }] as const) {
        const after: Grant = { ...grant, state: 'active', version: 2, ...changes };
        await expectRefused(store, { grant: { before: grant, after }, event: buildEvent('grant.activated') });
      }
      assert.deepEqual(await store.readRequest(request.id), request);
      assert.deepEqual(await store.readGrant(grant.id), grant);
    }),
  );

  test(
    'S3: a review by the requester is refused by the database, with all that came with it',
    onStore(open, async (store) => {
      const before = await storeRequest(store);
      const reviews = [buildReview(before, 'sub-lead'), buildReview(before, before.requestedBy.subject)];
      const after = advance<AccessRequest>(before, { state: 'approved', reviews });
      await expectRefused(store, { request: { before, after }, event: buildEvent('request.approved') });
      assert.deepEqual(await store.readRequest(before.id), before);
      const own = buildOwnReview();
      await expectRefused(store, submit(own));
      assert.equal(await store.readRequest(own.id), undefined);
    }),
  );

  test(
    'a grant without a request, a token id used twice and an event id used twice are not written',
    onStore(open, async (store) => {
      const orphan = buildGrant(buildRequest());
      await expectRefused(store, { grant: { insert: orphan }, event: buildEvent('grant.provisioning') });
      const held = await storeGrant(store);
      const request = await storeRequest(store);
      const twin = buildGrant(request, { tokenId: held.tokenId });
      const event = buildEvent('grant.provisioning');
      assert.equal(await store.commit({ grant: { insert: twin }, event }), 'lost');
      const [first] = await store.listEvents({ requestId: request.id, limit: 1 });
      assert.ok(first);
      const next = buildRequest();
      await expectRefused(store, submit(next, { event: first }));
      assert.equal(await store.readRequest(next.id), undefined);
    }),
  );

  test(
    'one that is refused takes nobody with it who commits at the same moment',
    onStore(open, async (store) => {
      const good = Array.from({ length: 8 }, () => buildRequest());
      const bad = buildOwnReview();
      const outcomes = await Promise.allSettled(
        [good.slice(0, 4), [bad], good.slice(4)].flat().map((request) => store.commit(submit(request))),
      );
      assert.deepEqual(
        outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : 'refused')),
        [...Array(4).fill('committed'), 'refused', ...Array(4).fill('committed')],
      );
      assert.equal((await store.listRequests({ limit: 99 })).length, 8);
    }),
  );
}

function buildOwnReview(): AccessRequest {
  const request = buildRequest();
  return { ...request, reviews: [buildReview(request, request.requestedBy.subject)] };
}

async function expectAllowed(store: Store, transition: Transition, allowed: boolean): Promise<void> {
  if (allowed) assert.equal(await store.commit(transition), 'committed');
  else await expectRefused(store, transition);
}

async function expectRefused(store: Store, transition: Transition): Promise<void> {
  await assert.rejects(store.commit(transition), (error) => hasCode(error, 'failed'));
}
