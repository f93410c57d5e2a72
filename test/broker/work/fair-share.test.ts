import { expect, it } from 'vitest';
import { runWork } from '../../../src/broker/work/work.ts';
import { startWorker } from '../../../src/broker/work/worker.ts';
import { fail } from '../../../src/core/errors.ts';
import { buildAsker, openTestBroker, type TestBroker } from '../../support/broker.ts';
import { createScriptedConnector } from '../../support/fakes/scripted-connector.ts';

/** One grant for each person at one target, all of them with the same end. */
async function hold(broker: TestBroker, holding: { readonly count: number; readonly target: string }) {
  const scopes = [holding.target === 'orders' ? 'prod:db.read' : 'prod:api.read'];
  const ids: string[] = [];
  for (let index = 0; index < holding.count; index += 1) {
    const asker = buildAsker(`${holding.target}-${index}`);
    const request = await broker.ask({ scopes, target: holding.target }, asker);
    ids.push((await broker.claim(asker, request.id)).grant.id);
  }
  return ids;
}

function buildHanging(broker: TestBroker) {
  return {
    ...broker.target,
    remove: async (_: string, { deadlineAt }: { readonly deadlineAt: number }) => {
      await broker.clock.sleep(deadlineAt - broker.clock.now());
      throw fail('target_failed', { target: 'orders', why: 'no answer' });
    },
  };
}

it('S5: 500 grants that end at a target that hangs keep 10 at another from ending for less than 5 s, and no token alive', async () => {
  const alive = createScriptedConnector('orders-api');
  const broker = await openTestBroker();
  const connectors = new Map([
    ['orders', buildHanging(broker)],
    ['orders-api', alive],
  ]);
  Object.assign(broker.connectors, { get: connectors.get.bind(connectors) });
  const there = await hold(broker, { count: 500, target: 'orders' });
  const elsewhere = await hold(broker, { count: 10, target: 'orders-api' });
  await broker.clock.advance(600_000);
  const errors: unknown[] = [];
  const worker = startWorker({
    store: broker.store,
    clock: broker.clock,
    run: (work) => runWork(broker, work),
    onError: (error) => errors.push(error),
  });
  const states = async (ids: readonly string[]) => {
    const grants = await Promise.all(ids.map((id) => broker.store.readGrant(id)));
    return new Set(grants.map((grant) => grant?.state));
  };
  const endsAt = broker.clock.now() + 4_000;
  while (broker.clock.now() < endsAt && [...(await states(elsewhere))].join() !== 'ended') {
    await broker.clock.untilSleeping();
    await broker.clock.advance(100);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await states(elsewhere)).toEqual(new Set(['ended']));
  expect(await states(there)).toEqual(new Set(['revoking']));
  expect(errors).toEqual([]);
  const stopped = worker.stop();
  await broker.clock.advance(20_000);
  await stopped;
  await broker.store.close();
});
