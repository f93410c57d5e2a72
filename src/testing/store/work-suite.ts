import assert from 'node:assert/strict';
import type { Store, TakenWork, Work, WorkChange, WorkKind } from '../../core/ports/store.ts';
import type { SuiteRunner } from '../suite.ts';
import { buildEvent, buildWork, moveGrant, storeGrant } from './rows.ts';
import { type OpenSubject, onStore } from './subject.ts';

/** What is due is done by one, and by the next one where the first did not finish. */
export function storeWorkSuite({ test }: SuiteRunner, open: OpenSubject): void {
  test(
    'work is given out when it is due, the oldest first, and is still there until it is finished',
    onStore(open, async (store) => {
      const [second, first, later] = [4_000, 3_000, 5_001].map((dueAt) => buildWork('expire', { dueAt }));
      assert.ok(first && second && later);
      await queue(store, second, first, later);
      assert.deepEqual(await take(store, 2_999), []);
      assert.deepEqual(await take(store, 5_000), [first, second]);
      assert.deepEqual(await take(store, 5_000), []);
      await store.finishWork(asTaken(first, 5_000));
      await write(store, { finish: second.id });
      assert.deepEqual(await take(store, 900_000), [later]);
    }),
  );

  test(
    'S4: work whose taker did not come back is given to the next one when the lease runs out',
    onStore(open, async (store) => {
      const work = buildWork('remove', { attempts: 3, lastError: 'connection refused', requestId: 'req_1' });
      await queue(store, work);
      const lease = { leaseMs: 10_000, limit: 9 };
      assert.deepEqual(await store.takeWork({ now: 6_000, ...lease }), [{ ...work, leasedUntil: 16_000 }]);
      assert.deepEqual(await store.takeWork({ now: 15_999, ...lease }), []);
      assert.deepEqual(await store.takeWork({ now: 16_000, ...lease }), [{ ...work, leasedUntil: 26_000 }]);
      assert.deepEqual(await store.takeWork({ now: 25_999, ...lease }), []);
    }),
  );

  test(
    'S4: a taker who comes back after the lease ran out does not finish the work of the next one',
    onStore(open, async (store) => {
      const work = buildWork('remove');
      await queue(store, work);
      const lease = { leaseMs: 10_000, limit: 9 };
      const [early] = await store.takeWork({ now: 6_000, ...lease });
      const [late] = await store.takeWork({ now: 16_000, ...lease });
      assert.ok(early && late);
      await store.finishWork(early);
      assert.equal(await store.findNextWorkAt(), 26_000);
      await store.finishWork(late);
      assert.equal(await store.findNextWorkAt(), undefined);
    }),
  );

  test(
    'where not all can be taken, the oldest is',
    onStore(open, async (store) => {
      const [late, early, middle] = [4_000, 2_000, 3_000].map((dueAt) => buildWork('expire', { dueAt }));
      assert.ok(late && early && middle);
      await queue(store, late, early, middle);
      const options = { now: 5_000, leaseMs: 1_000, limit: 1 };
      for (const work of [early, middle, late])
        assert.deepEqual(await store.takeWork(options), [{ ...work, leasedUntil: 6_000 }]);
    }),
  );

  test(
    'S1: of 16 takers at once no two get the same work, and together they get all of it',
    onStore(open, async (store) => {
      const all = Array.from({ length: 100 }, () => buildWork('expire'));
      await queue(store, ...all);
      const options = { now: 5_000, leaseMs: 1_000, limit: 7 };
      const shares = await Promise.all(Array.from({ length: 16 }, () => store.takeWork(options)));
      const ids = shares.flat().map((work) => work.id);
      assert.equal(ids.length, 100);
      assert.equal(new Set(ids).size, 100);
      assert.ok(shares.every((share) => share.length <= 7));
    }),
  );

  test(
    'queueing again moves the work, and a taker who comes late cannot finish what was queued since',
    onStore(open, async (store) => {
      const work = buildWork('expire');
      await queue(store, work);
      await take(store, 5_000);
      const moved = { ...work, dueAt: 8_000, attempts: 1, lastError: 'extended' };
      await queue(store, moved);
      await store.finishWork(asTaken(work, 5_000));
      assert.deepEqual(await take(store, 7_999), []);
      assert.deepEqual(await take(store, 8_000), [moved]);
    }),
  );

  test(
    'work that is put off is taken by the next at that time, unless it was queued anew or taken by another since',
    onStore(open, async (store) => {
      const work = buildWork('idle');
      await queue(store, work);
      await take(store, 5_000);
      await store.postponeWork(asTaken(work, 5_000), 9_000);
      assert.equal(await store.findNextWorkAt(), 9_000);
      assert.deepEqual(await take(store, 8_999), []);
      const later = { ...work, dueAt: 9_000 };
      assert.deepEqual(await take(store, 9_000), [later]);
      await store.postponeWork(asTaken(work, 5_000), 99_000);
      await queue(store, later);
      await store.postponeWork(asTaken(later, 9_000), 99_000);
      assert.deepEqual(await take(store, 9_000), [later]);
    }),
  );

  test(
    'S5: a try that changed nothing is counted in the grant, with no version and no event, and its work is for later',
    onStore(open, async (store) => {
      const grant = await storeGrant(store, { state: 'revoking' });
      const work = buildWork('remove', { id: `remove:${grant.id}`, grantId: grant.id });
      await queue(store, work);
      await take(store, 5_000);
      const before = (await store.listEvents({ limit: 99 })).length;
      const revocation = { ...grant.revocation, attempts: 2, lastError: 'connection refused' };
      const again = { ...work, dueAt: 9_000, attempts: 2 };
      const record = { grant: { ...grant, revocation }, taken: asTaken(work, 5_000), again };
      assert.equal(await store.recordAttempt(record), 'recorded');
      assert.deepEqual(await store.readGrant(grant.id), { ...grant, revocation });
      assert.equal((await store.listEvents({ limit: 99 })).length, before);
      assert.deepEqual(await take(store, 8_999), []);
      assert.deepEqual(await take(store, 9_000), [again]);
    }),
  );

  test(
    'S1: a try is counted by nobody who has not got the work any more, nor for a grant that has moved on',
    onStore(open, async (store) => {
      const grant = await storeGrant(store, { state: 'revoking' });
      const work = buildWork('remove', { id: `remove:${grant.id}`, grantId: grant.id });
      await queue(store, work);
      await take(store, 5_000);
      const tried = { ...grant, revocation: { ...grant.revocation, attempts: 2 } };
      const again = { ...work, dueAt: 9_000 };
      const late = { ...asTaken(work, 5_000), leasedUntil: 4_000 };
      assert.equal(await store.recordAttempt({ grant: tried, taken: late, again }), 'lost');
      const moved = await moveGrant(store, grant, { state: 'revoking' });
      assert.equal(await store.recordAttempt({ grant: tried, taken: asTaken(work, 5_000), again }), 'lost');
      assert.deepEqual(await store.readGrant(grant.id), moved);
      assert.deepEqual(await take(store, 9_000), []);
    }),
  );

  test(
    'work of a kind that only a later version knows is left to that one, whatever it is due, and wakes nobody here',
    onStore(open, async (store) => {
      const kind = 'of a later version' as WorkKind;
      const known = buildWork('remove', { dueAt: 9_000 });
      const unknown = [buildWork(kind, { dueAt: 1_000 }), buildWork(kind, { dueAt: 9_000 })];
      await queue(store, ...unknown, known);
      assert.deepEqual(await take(store, 5_000), []);
      assert.equal(await store.findNextWorkAt(), 9_000);
      assert.deepEqual(await take(store, 9_000), [known]);
      assert.equal(await store.findNextWorkAt(), 9_000 + LONG_MS);
    }),
  );

  test(
    'the next work is the earliest that is due, or whose lease runs out',
    onStore(open, async (store) => {
      assert.equal(await store.findNextWorkAt(), undefined);
      const early = buildWork('expire', { dueAt: 3_000 });
      await queue(store, early, buildWork('lapse', { dueAt: 9_000 }));
      assert.equal(await store.findNextWorkAt(), 3_000);
      await store.takeWork({ now: 3_000, leaseMs: 2_000, limit: 1 });
      assert.equal(await store.findNextWorkAt(), 5_000);
      await store.finishWork({ id: early.id, leasedUntil: 5_000 });
      assert.equal(await store.findNextWorkAt(), 9_000);
    }),
  );
}

async function write(store: Store, ...work: readonly WorkChange[]): Promise<void> {
  assert.equal(await store.commit({ event: buildEvent('grant.revoking'), work }), 'committed');
}

async function queue(store: Store, ...work: readonly Work[]): Promise<void> {
  await write(store, ...work.map((item) => ({ queue: item })));
}

const LONG_MS = 1_000_000;

async function take(store: Store, now: number): Promise<readonly Work[]> {
  const taken = await store.takeWork({ now, leaseMs: LONG_MS, limit: 50 });
  return taken.map(({ leasedUntil: _, ...work }) => work);
}

/** As `take` left it. */
function asTaken(work: Work, now: number): TakenWork {
  return { ...work, leasedUntil: now + LONG_MS };
}
