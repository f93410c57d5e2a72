import { expect, it } from 'vitest';
import { startHousekeeping } from '../../../src/server/keeping/housekeeping.ts';
import { openTestBroker } from '../../support/broker.ts';
import { createFakeClock } from '../../support/fakes/fake-clock.ts';
import { createScriptedConnector } from '../../support/fakes/scripted-connector.ts';

const NOW = Date.parse('2026-11-22T10:00:00Z');

it('housekeeping removes strays and asks for passwords that are due, at the start and every minute', async () => {
  const broker = await openTestBroker();
  const clock = createFakeClock(NOW);
  const failure = new Error('no power over app_old');
  const asked: number[] = [];
  const upkeep = async () => {
    asked.push(clock.now() - NOW);
    return { rotated: [], failures: [failure] };
  };
  const billing = { ...createScriptedConnector(), upkeep };
  billing.live.set('role_stray', { password: 'x', expiresAt: 0 });
  const errors: unknown[] = [];
  const housekeeping = startHousekeeping({
    broker: { ...broker, connectors: new Map([['billing', billing]]) },
    clock,
    onError: (error) => errors.push(error),
  });
  await clock.untilSleeping();
  expect(asked).toEqual([0]);
  await clock.advance(60_000);
  await clock.untilSleeping();
  await housekeeping.stop();
  expect(asked).toEqual([0, 60_000]);
  expect([...billing.live.keys()]).toEqual([]);
  const [removed] = await broker.store.listChanges({ after: 0, limit: 9 });
  expect(removed?.kind).toBe('credential.stray_removed');
  expect(errors).toEqual([failure, failure]);
  await broker.store.close();
});

it('housekeeping is not done while the store is held: neither strays nor passwords', async () => {
  const broker = await openTestBroker();
  const clock = createFakeClock(NOW);
  const asked: number[] = [];
  const upkeep = async () => {
    asked.push(clock.now() - NOW);
    return { rotated: [], failures: [] };
  };
  let isHeld = true;
  const housekeeping = startHousekeeping({
    broker: { ...broker, connectors: new Map([['billing', { ...createScriptedConnector(), upkeep }]]) },
    clock,
    isHeld: async () => isHeld,
    onError: () => undefined,
  });
  await clock.untilSleeping();
  isHeld = false;
  await clock.advance(60_000);
  await clock.untilSleeping();
  await housekeeping.stop();
  expect(asked).toEqual([60_000]);
  await broker.store.close();
});
