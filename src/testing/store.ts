import assert from 'node:assert/strict';
import type { StoreChange } from '../core/ports/store.ts';
import { storeCapSuite } from './store/cap-suite.ts';
import { storeFollowSuite } from './store/follow-suite.ts';
import { storeJoinSuite } from './store/join-suite.ts';
import { storeLaterReviewSuite } from './store/later-review-suite.ts';
import { storeNoticeSuite } from './store/notice-suite.ts';
import { storeRaceSuite } from './store/race-suite.ts';
import { storeReadSuite } from './store/read-suite.ts';
import { storeReviewSuite } from './store/review-suite.ts';
import { advance, buildDecision, buildEvent, buildWork, storeGrant, storeRequest } from './store/rows.ts';
import { storeRuleSuite } from './store/rule-suite.ts';
import { storeSettingSuite } from './store/setting-suite.ts';
import { count, type OpenSubject, onStore } from './store/subject.ts';
import { storeWorkSuite } from './store/work-suite.ts';
import type { SuiteRunner } from './suite.ts';

export type { OpenSubject, StoreSubject } from './store/subject.ts';

/** The contract of `Store`. `open` gives a new, empty one at every call; the suite closes it. */
export function storeSuite(runner: SuiteRunner, open: OpenSubject): void {
  storeRaceSuite(runner, open);
  storeJoinSuite(runner, open);
  storeRuleSuite(runner, open);
  storeReviewSuite(runner, open);
  storeLaterReviewSuite(runner, open);
  storeNoticeSuite(runner, open);
  storeFollowSuite(runner, open);
  storeReadSuite(runner, open);
  storeWorkSuite(runner, open);
  storeSettingSuite(runner, open);
  storeCapSuite(runner, open);
  changeSuite(runner, open);
  durabilitySuite(runner, open);
}

function changeSuite({ test }: SuiteRunner, open: OpenSubject): void {
  test(
    'a listener is told of every commit, when it can be read, and of nothing that was lost',
    onStore(open, async (store) => {
      const told: StoreChange[] = [];
      const read: Promise<unknown>[] = [];
      const stop = store.changes((change) => {
        told.push(change);
        read.push(store.readRequest(change.requestId ?? ''));
      });
      const before = await storeRequest(store);
      assert.deepEqual(await read[0], before);
      const after = advance(before, { state: 'approved' });
      const transition = { request: { before, after }, event: buildEvent('request.approved') };
      await store.commit(transition);
      await store.commit({ ...transition, event: buildEvent('request.approved') });
      stop();
      await storeRequest(store);
      const change = { requestId: before.id, grantId: null };
      assert.deepEqual(told, [change, change]);
    }),
  );

  test(
    'a listener that fails spoils neither the commit nor the other listeners',
    onStore(open, async (store) => {
      const told: StoreChange[] = [];
      store.changes(() => {
        throw new Error('listener');
      });
      store.changes((change) => told.push(change));
      assert.equal(await store.commit({ event: buildEvent('session.started') }), 'committed');
      assert.deepEqual(told, [{ requestId: null, grantId: null }]);
    }),
  );
}

function durabilitySuite({ test }: SuiteRunner, open: OpenSubject): void {
  test('closing waits for what was begun, and refuses what comes after', async () => {
    const { store } = await open();
    const writes = Array.from({ length: 300 }, () => store.commit({ event: buildEvent('session.started') }));
    await store.close();
    assert.equal(await count(writes, 'committed'), 300);
    await assert.rejects(store.commit({ event: buildEvent('session.started') }));
    await store.close();
  });

  test('what was committed is there when the store is opened again', async () => {
    const subject = await open();
    const request = await storeRequest(subject.store, { decision: buildDecision() });
    const grant = await storeGrant(subject.store);
    const work = buildWork('expire');
    await subject.store.commit({ event: buildEvent('grant.revoking'), work: [{ queue: work }] });
    await subject.store.readSetting('name', async () => 'kept');
    const store = subject.reopen ? await subject.reopen() : subject.store;
    try {
      assert.deepEqual(await store.readRequest(request.id), request);
      assert.deepEqual(await store.readGrant(grant.id), grant);
      const [taken] = await store.takeWork({ now: work.dueAt, leaseMs: 1, limit: 9 });
      assert.deepEqual(taken, { ...work, leasedUntil: work.dueAt + 1 });
      assert.equal(await store.readSetting('name', async () => 'new'), 'kept');
      assert.equal((await store.listEvents({ limit: 99 })).length, 4);
    } finally {
      await store.close();
    }
  });
}
