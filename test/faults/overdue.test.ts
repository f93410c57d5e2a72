import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openSqliteStore } from '../../src/adapters/store/sqlite/open.ts';
import { runWork } from '../../src/broker/work/work.ts';
import { startWorker } from '../../src/broker/work/worker.ts';
import { buildAsker, openTestBroker, type TestBroker } from '../support/broker.ts';
import { findViolations } from '../support/faults/invariants.ts';
import { isWholeRound } from '../support/faults/seed.ts';

const COUNT = isWholeRound ? 15_000 : 2_000;
const AT_ONCE = 500;
const NAP_MS = 1_000;

async function hold(broker: TestBroker, index: number): Promise<void> {
  const asker = buildAsker(`person-${index}`);
  const request = await broker.ask({}, asker);
  await broker.claim(asker, request.id);
}

async function holdAll(broker: TestBroker): Promise<void> {
  for (let first = 0; first < COUNT; first += AT_ONCE)
    await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => hold(broker, first + index)));
}

function listOpen({ store }: TestBroker, limit: number) {
  return store.listGrants({ states: ['provisioning', 'active', 'revoking'], limit });
}

// How soon is measured by `npm run bench:server`.
it(`I1, I2, I4: ${COUNT} grants that are overdue at the start all end, each once`, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'jit-overdue-'));
  const opened = await openSqliteStore({ path: join(folder, 'jit.db') });
  const broker = await openTestBroker({ store: opened.store });
  await holdAll(broker);
  expect(await listOpen(broker, COUNT)).toHaveLength(COUNT);
  await broker.clock.advance(600_000);
  const errors: unknown[] = [];
  const worker = startWorker({
    store: broker.store,
    clock: broker.clock,
    run: (work) => runWork(broker, work),
    onError: (error) => errors.push(error),
  });
  while ((await listOpen(broker, 1)).length > 0) {
    await broker.clock.untilSleeping();
    await broker.clock.advance(NAP_MS / 100);
  }
  const { store, connectors, clock } = broker;
  expect(await findViolations({ store, connectors, now: clock.now() })).toEqual([]);
  expect(broker.target.live.size).toBe(0);
  expect(errors).toEqual([]);
  const stopped = worker.stop();
  await clock.advance(NAP_MS);
  await stopped;
  await opened.close();
  await rm(folder, { recursive: true });
}, 400_000);
