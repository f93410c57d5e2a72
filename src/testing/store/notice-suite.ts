import assert from 'node:assert/strict';
import { hasCode } from '../../core/errors.ts';
import type { Notice } from '../../core/notice.ts';
import type { Work } from '../../core/ports/store.ts';
import type { SuiteRunner } from '../suite.ts';
import { advance, buildEvent, buildNotice, buildRequest, buildWork, storeRequest, submit } from './rows.ts';
import { type OpenSubject, onStore } from './subject.ts';

/** What people are told is written with what it tells of, and its delivery is never forgotten nor repeated in vain. */
export function storeNoticeSuite({ test }: SuiteRunner, open: OpenSubject): void {
  test(
    'notices are written with the transition that they tell of, with the work that sends them',
    onStore(open, async (store) => {
      const request = buildRequest();
      const notices = ['webhook', 'slack'].map((channel) => buildNotice(request.id, { channel }));
      const work = notices.map((notice) => ({ queue: buildDelivery(notice) }));
      assert.equal(await store.commit(submit(request, { notices, work })), 'committed');
      const [first] = notices;
      assert.ok(first);
      assert.deepEqual(await store.readNotice(first.id), first);
      assert.deepEqual(await store.listNotices([request.id]), notices);
      assert.equal((await store.takeWork({ now: 5_000, leaseMs: 1, limit: 9 })).length, 2);
      assert.equal(await store.readNotice('ntc_none'), undefined);
    }),
  );

  test(
    'what was lost or refused told nobody',
    onStore(open, async (store) => {
      const before = await storeRequest(store);
      const stale = { ...before, version: 7 };
      const notices = [buildNotice(before.id)];
      const lost = { before: stale, after: advance(stale, { state: 'denied' as const }) };
      const event = buildEvent('request.denied');
      assert.equal(await store.commit({ request: lost, event, notices }), 'lost');
      const [known] = await store.listEvents({ limit: 1 });
      assert.ok(known);
      const change = { before, after: advance(before, { state: 'denied' as const }) };
      await assert.rejects(store.commit({ request: change, event: known, notices }), (error) =>
        hasCode(error, 'failed'),
      );
      const ofNothing = [buildNotice('req_none')];
      await assert.rejects(store.commit({ request: change, event, notices: ofNothing }), (error) =>
        hasCode(error, 'failed'),
      );
      assert.deepEqual(await store.listNotices([before.id, 'req_none']), []);
      assert.deepEqual(await store.readRequest(before.id), before);
    }),
  );

  test(
    'notices are listed oldest first, of the requests that are asked for',
    onStore(open, async (store) => {
      const [first, second, other] = await Promise.all([1, 2, 3].map(() => storeRequest(store)));
      assert.ok(first && second && other);
      const late = buildNotice(first.id, { createdAt: 3_000, kind: 'request.decided' });
      const early = buildNotice(second.id, { createdAt: 2_000 });
      const notices = [late, early, buildNotice(other.id)];
      await store.commit({ event: buildEvent('request.reminded'), notices });
      assert.deepEqual(await store.listNotices([first.id, second.id]), [early, late]);
      assert.deepEqual(await store.listNotices([]), []);
    }),
  );

  test(
    'a delivery that failed is tried again, one that was accepted is over and stays so',
    onStore(open, async (store) => {
      const request = await storeRequest(store);
      const notice = buildNotice(request.id);
      const work = buildDelivery(notice);
      const event = buildEvent('request.reminded');
      await store.commit({ event, notices: [notice], work: [{ queue: work }] });
      const options = { leaseMs: 1_000, limit: 9 };
      const [taken] = await store.takeWork({ now: 5_000, ...options });
      assert.ok(taken);
      assert.deepEqual(taken, { ...work, leasedUntil: 6_000 });

      const failed: Notice = { ...notice, attempts: 1, lastError: 'connection refused' };
      const again: Work = { ...work, dueAt: 9_000, attempts: 1, lastError: 'connection refused' };
      assert.equal(await store.recordDelivery({ notice: failed, taken, again }), 'recorded');
      assert.deepEqual(await store.readNotice(notice.id), failed);
      assert.deepEqual(await store.takeWork({ now: 8_999, ...options }), []);
      const [retried] = await store.takeWork({ now: 9_000, ...options });
      assert.ok(retried);
      assert.deepEqual(retried, { ...again, leasedUntil: 10_000 });

      const accepted: Notice = {
        ...failed,
        state: 'accepted',
        attempts: 2,
        lastError: null,
        reference: 'C1/1700000000.1',
        settledAt: 9_100,
      };
      assert.equal(await store.recordDelivery({ notice: accepted, taken: retried, again: null }), 'recorded');
      assert.equal(await store.recordDelivery({ notice: failed, taken: retried, again }), 'lost');
      assert.equal(await store.findNextWorkAt(), undefined, 'what is settled is not tried again');
      await store.commit({ event: buildEvent('request.reminded'), work: [{ queue: again }] });
      const [anew] = await store.takeWork({ now: 11_000, ...options });
      assert.ok(anew);
      const gone: Notice = { ...failed, state: 'gone' };
      assert.equal(await store.recordDelivery({ notice: gone, taken: anew, again: null }), 'lost');
      const twice: Notice = { ...accepted, reference: 'C1/1700000000.2' };
      assert.equal(await store.recordDelivery({ notice: twice, taken: anew, again: null }), 'lost');
      assert.deepEqual(await store.readNotice(notice.id), accepted);
    }),
  );

  test(
    'S1: whoever had a delivery too long says nothing of a failure, and what was accepted all the same',
    onStore(open, async (store) => {
      const request = await storeRequest(store);
      const notice = buildNotice(request.id);
      const work = buildDelivery(notice);
      await store.commit({
        event: buildEvent('request.reminded'),
        notices: [notice],
        work: [{ queue: work }],
      });
      const take = async (now: number) => {
        const [taken] = await store.takeWork({ now, leaseMs: 1_000, limit: 9 });
        assert.ok(taken);
        return taken;
      };
      const [slow, next] = [await take(5_000), await take(6_000)];
      const failed: Notice = { ...notice, attempts: 1, lastError: 'connection refused' };
      const again: Work = { ...work, dueAt: 6_500, attempts: 1, lastError: 'connection refused' };
      assert.equal(await store.recordDelivery({ notice: failed, taken: slow, again }), 'lost');
      const gone: Notice = { ...notice, state: 'gone', attempts: 1, settledAt: 6_400 };
      assert.equal(await store.recordDelivery({ notice: gone, taken: slow, again: null }), 'lost');
      assert.deepEqual(await store.readNotice(notice.id), notice);
      assert.deepEqual(
        await store.takeWork({ now: 6_900, leaseMs: 1_000, limit: 9 }),
        [],
        'it is still taken',
      );

      const accepted: Notice = { ...notice, state: 'accepted', attempts: 1, settledAt: 6_500 };
      assert.equal(await store.recordDelivery({ notice: accepted, taken: slow, again: null }), 'recorded');
      assert.equal(await store.recordDelivery({ notice: failed, taken: next, again }), 'lost');
      assert.deepEqual(await store.readNotice(notice.id), accepted);
      assert.equal(await store.findNextWorkAt(), undefined, 'it is not sent again');
    }),
  );
}

function buildDelivery(notice: Notice): Work {
  const { id, requestId, channel } = notice;
  return buildWork('deliver', { id: `deliver:${id}`, requestId, grantId: null, target: channel });
}
