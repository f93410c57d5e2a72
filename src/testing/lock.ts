import { deepEqual, equal, rejects } from 'node:assert/strict';
import type { Lock } from '../core/ports/lock.ts';
import type { SuiteRunner } from './suite.ts';

/** Two locks over the same place: `another` is what a second process would make, or is one. */
export type LockUnderTest = {
  readonly lock: Lock;
  readonly another: Lock;
  readonly close: () => Promise<void>;
};

/** What every `Lock` does. `open` makes a fresh one for each test. */
export function testLock(runner: SuiteRunner, open: () => Promise<LockUnderTest>): void {
  const test = (name: string, body: (world: LockUnderTest) => Promise<void>) =>
    runner.test(name, async () => {
      const world = await open();
      try {
        await body(world);
      } finally {
        await world.close();
      }
    });

  test('S11: one holder at a time, and everybody in the end', async ({ lock, another }) => {
    let inside = 0;
    let most = 0;
    const enter = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
      return 1;
    };
    const turns = Array.from({ length: 20 }, (_, index) =>
      (index % 2 ? lock : another).run('session', enter),
    );
    equal((await Promise.all(turns)).length, 20);
    equal(most, 1);
  });

  test('a name is held until the action has settled, and no other name is', async ({ lock, another }) => {
    const order: string[] = [];
    const gate = Promise.withResolvers<void>();
    const entered = Promise.withResolvers<void>();
    const first = lock.run('a', async () => {
      entered.resolve();
      await gate.promise;
      order.push('first');
    });
    await entered.promise;
    const second = another.run('a', async () => order.push('second'));
    await another.run('b', async () => order.push('other name'));
    gate.resolve();
    await Promise.all([first, second]);
    deepEqual(order, ['other name', 'first', 'second']);
  });

  test('the result is the action’s, and a failure frees the lock', async ({ lock, another }) => {
    equal(await lock.run('session', async () => 'result'), 'result');
    await rejects(
      lock.run('session', async () => {
        throw new Error('of the action');
      }),
      /of the action/,
    );
    equal(await another.run('session', async () => 'next'), 'next');
  });

  test('trying runs nothing while somebody holds it, and runs when nobody does', async ({
    lock,
    another,
  }) => {
    const ran: string[] = [];
    const trying = (label: string) => another.tryRun('reaper', async () => void ran.push(label));
    equal(await lock.run('reaper', () => trying('held')), false);
    equal(await trying('free'), true);
    equal(await lock.tryRun('reaper', async () => equal(await trying('held by a try'), false)), true);
    deepEqual(ran, ['free']);
  });

  test('any text is a name', async ({ lock }) => {
    equal(await lock.run('session ../jit.example.com:443/é', async () => 'in'), 'in');
  });
}
