import { describe, expect, it } from 'vitest';
import type { WorkKind } from '../../../src/core/ports/store.ts';
import { buildMany, buildWork, startTestWorker } from '../../support/fakes/test-worker.ts';

describe('the worker', () => {
  it('does what is due at once, and looks again at the latest after a second', async () => {
    const test = startTestWorker(buildMany(1, 'expire', 'orders'));
    await test.clock.untilSleeping();
    expect(test.running).toHaveLength(1);
    test.due.push(buildWork('expire:late', 'expire'));
    await test.clock.advance(1000);
    expect(test.running).toHaveLength(2);
    await test.finishAll();
    await test.worker.stop();
  });

  it('looks at once when it is woken', async () => {
    const test = startTestWorker();
    await test.clock.untilSleeping();
    test.due.push(buildWork('remove:new', 'remove'));
    test.worker.wake();
    await expect.poll(() => test.running.length).toBe(1);
    await test.finishAll();
    await test.worker.stop();
  });

  it('S5: 500 removals that hang at a dead target hold up neither another target nor any expiry', async () => {
    const test = startTestWorker([...buildMany(500, 'remove', 'dead'), ...buildMany(200, 'expire', 'dead')]);
    await test.clock.untilSleeping();
    test.due.push(...buildMany(3, 'remove', 'alive'));
    await test.look();
    const count = (kind: WorkKind, target: string) =>
      test.running.filter(({ work }) => work.kind === kind && work.target === target).length;
    expect(count('remove', 'dead')).toBe(8);
    expect(count('remove', 'alive')).toBe(3);
    expect(count('expire', 'dead')).toBe(128);
    await test.finishAll();
    expect(test.running).toHaveLength(703);
    await test.worker.stop();
  });

  it('500 notices for a dead channel hold up no other channel, no removal and no lapse', async () => {
    const test = startTestWorker(buildMany(500, 'deliver', 'slack'));
    await test.clock.untilSleeping();
    test.due.push(...buildMany(2, 'deliver', 'webhook'), ...buildMany(2, 'remove', 'orders'));
    test.due.push(...buildMany(2, 'lapse', ''));
    await test.look();
    const count = (kind: WorkKind, target: string) =>
      test.running.filter(({ work }) => work.kind === kind && work.target === target).length;
    expect(count('deliver', 'slack')).toBe(4);
    expect([count('deliver', 'webhook'), count('remove', 'orders'), count('lapse', '')]).toEqual([2, 2, 2]);
    await test.finishAll();
    await test.worker.stop();
  });

  it('sends the notices of one request on one channel one after another', async () => {
    const notices = buildMany(3, 'deliver', 'slack').map((work) => ({ ...work, requestId: 'req_1' }));
    const test = startTestWorker([
      ...notices,
      { ...buildWork('deliver:x', 'deliver', 'webhook'), requestId: 'req_1' },
    ]);
    await test.clock.untilSleeping();
    const list = () => test.running.map(({ work: { id } }) => id);
    expect(list()).toEqual(['deliver:slack-0', 'deliver:x']);
    test.running[0]?.finish();
    await expect.poll(list).toEqual(['deliver:slack-0', 'deliver:x', 'deliver:slack-1']);
    await test.finishAll();
    await test.worker.stop();
  });

  it('S5: does not begin a second time what it still has in hand when the lease ran out', async () => {
    const work = buildMany(20, 'remove', 'dead');
    const test = startTestWorker([...work]);
    await test.clock.untilSleeping();
    for (let round = 0; round < 3; round += 1) {
      test.due.push(...work);
      await test.look();
    }
    await test.finishAll();
    expect(test.running.map(({ work: { id } }) => id)).toEqual(work.map(({ id }) => id));
    test.due.push(...work.slice(0, 1));
    await test.look();
    expect(test.running).toHaveLength(21);
    await test.finishAll();
    await test.worker.stop();
  });

  it('tells of a failure and goes on', async () => {
    const test = startTestWorker([buildWork('broken:1', 'remove'), buildWork('expire:1', 'expire')]);
    await expect.poll(() => test.errors.map(String)).toEqual(['Error: broken:1']);
    expect(test.running.map(({ work }) => work.id)).toContain('expire:1');
    await test.finishAll();
    await test.worker.stop();
  });

  it('waits a second after the store failed, instead of asking it again and again', async () => {
    const test = startTestWorker();
    await test.clock.untilSleeping();
    test.breakStore(true);
    await test.look();
    expect(test.errors).toHaveLength(1);
    await test.look();
    expect(test.errors).toHaveLength(2);
    test.breakStore(false);
    test.due.push(buildWork('expire:1', 'expire'));
    await test.look();
    expect(test.running).toHaveLength(1);
    await test.finishAll();
    await test.worker.stop();
  });

  it('tells that it could not ask when the next is due, and looks again after a second', async () => {
    const test = startTestWorker();
    await test.clock.untilSleeping();
    test.hideNext(true);
    await test.look();
    expect(test.errors.map(String)).toEqual(['Error: the connection is gone']);
    test.hideNext(false);
    test.due.push(buildWork('expire:1', 'expire'));
    await test.look();
    expect(test.running).toHaveLength(1);
    expect(test.errors).toHaveLength(1);
    await test.finishAll();
    await test.worker.stop();
  });

  it('S5: stops when what it began is done; what waited for its turn is given back at once, for whoever is next', async () => {
    const work = buildMany(20, 'remove', 'dead').map((one, index) => ({ ...one, dueAt: index }));
    const test = startTestWorker([...work]);
    await test.clock.untilSleeping();
    const stopped = test.worker.stop();
    const waiting = work.slice(8).map(({ id, dueAt }) => [id, dueAt]);
    await expect.poll(() => test.givenBack).toEqual(waiting);
    await test.finishAll();
    await stopped;
    expect(test.running).toHaveLength(8);
    expect(test.givenBack).toEqual(waiting);
    expect(test.clock.sleeping).toBe(0);
  });

  it('begins nothing that it took at the moment when it was stopped, and gives it back', async () => {
    const test = startTestWorker(buildMany(3, 'expire', 'orders'));
    await test.worker.stop();
    expect(test.running).toEqual([]);
    expect(test.givenBack.map(([id]) => id)).toEqual([
      'expire:orders-0',
      'expire:orders-1',
      'expire:orders-2',
    ]);
  });

  it('stops all the same where nothing can be given back: the lease runs out', async () => {
    const test = startTestWorker(buildMany(20, 'remove', 'dead'));
    await test.clock.untilSleeping();
    test.breakStore(true);
    const stopped = test.worker.stop();
    await test.finishAll();
    await stopped;
    expect(test.errors.map(String)).toEqual(['Error: the disk is full']);
  });
});
