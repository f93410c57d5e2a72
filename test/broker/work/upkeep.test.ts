import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepTargetsUp } from '../../../src/broker/work/upkeep.ts';
import type { Connector, Upkeep, UpkeepOrder } from '../../../src/core/ports/connector.ts';
import { openTestBroker, type TestBroker } from '../../support/broker.ts';
import { createScriptedConnector } from '../../support/fakes/scripted-connector.ts';

let broker: TestBroker;

beforeEach(async () => {
  broker = await openTestBroker();
});

afterEach(() => broker.store.close());

/** The broker with one more target for each of these. */
function withTargets(targets: Readonly<Record<string, (order: UpkeepOrder) => Promise<Upkeep>>>): TestBroker {
  const connectors = Object.entries(targets).map(([name, upkeep]): readonly [string, Connector] => [
    name,
    { ...createScriptedConnector(), upkeep },
  ]);
  return { ...broker, connectors: new Map([...broker.connectors, ...connectors]) };
}

const always = { isDue: async () => true, replace: async () => true };

describe('the upkeep of targets', () => {
  it('puts every password that a target replaced on record, and tells what failed, target by target', async () => {
    const failure = new Error('no power over app_old');
    const failures = await keepTargetsUp(
      withTargets({
        broken: () => Promise.reject(new Error('unreachable')),
        billing: async ({ record }) => {
          for (const account of ['app_first', 'app_legacy']) await record({ account, ...always });
          return { rotated: ['app_first', 'app_legacy'], failures: [failure] };
        },
      }),
    );
    expect(failures).toEqual([new Error('unreachable'), failure]);
    const events = (await broker.store.listEvents({ limit: 99 })).filter(
      ({ kind }) => kind === 'credential.rotated',
    );
    expect(events.map(({ actor, detail }) => ({ actor, detail }))).toEqual([
      { actor: 'system', detail: { target: 'billing', account: 'app_first' } },
      { actor: 'system', detail: { target: 'billing', account: 'app_legacy' } },
    ]);
  });

  it('asks each in time, and leaves those alone that have nothing of the kind', async () => {
    const asked: number[] = [];
    const upkeep = ({ deadlineAt }: UpkeepOrder): Promise<Upkeep> => {
      asked.push(deadlineAt - broker.clock.now());
      return Promise.resolve({ rotated: [], failures: [] });
    };
    const connector: Connector = { ...createScriptedConnector(), upkeep };
    expect(await keepTargetsUp({ ...broker, connectors: new Map([['billing', connector]]) })).toEqual([]);
    expect(asked).toEqual([10_000]);
    expect(await keepTargetsUp(broker)).toEqual([]);
  });
});
