import { runDue, type TestBroker } from '../broker.ts';
import { createScriptedChannel } from '../fakes/scripted-channel.ts';
import { findViolations } from '../faults/invariants.ts';
import { openReviewBroker } from '../reviews/reviewing.ts';
import { type Clockwork, HOUR_MS, MINUTE_MS } from './clockwork.ts';
import type { Flow } from './flow-cuts.ts';
import type { OpenStage } from './flows.ts';

type Stage = { readonly broker: TestBroker };

/** It is cut, and time goes on at another server, until nobody waits for anything. */
export function goOn(clockwork: Clockwork, openStore: OpenStage): Flow<Stage> {
  const { prepare, afterMs, act = (broker) => runDue(broker), once } = clockwork;
  return {
    open: async () => {
      const channel = createScriptedChannel();
      const broker = await openReviewBroker(
        { approverGroups: ['dba'], escalationGroups: ['leads'] },
        { store: await openStore(), channels: new Map([[channel.name, channel]]) },
      );
      await prepare(broker);
      await broker.clock.advance(afterMs);
      return { broker };
    },
    act: ({ broker }, { watch }) => act({ ...broker, store: watch(broker.store) }),
    recover: async ({ broker }) => {
      await broker.clock.advance(30_000);
      await act(broker);
      broker.target.failAt('remove', undefined);
      for (let passedMs = 0; passedMs < 2 * HOUR_MS; passedMs += 10 * MINUTE_MS) {
        await broker.clock.advance(10 * MINUTE_MS);
        await broker.runDue();
      }
      const { store, clock, connectors, target } = broker;
      const events = await store.listEvents({ limit: 9_999 });
      const wrong = once.flatMap((kind) => {
        const count = events.filter((event) => event.kind === kind).length;
        return count === 1 ? [] : [`I4: ${kind} is ${count} times on record`];
      });
      return [
        ...wrong,
        ...[...target.live.keys()].map((handle) => `I1: ${handle} is live`),
        ...(await findViolations({ store, connectors, now: clock.now() })),
      ];
    },
  };
}
