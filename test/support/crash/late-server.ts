import { createSystemClock } from '../../../src/adapters/clock.ts';
import type { Connector } from '../../../src/core/ports/connector.ts';
import type { Store } from '../../../src/core/ports/store.ts';
import { startServer } from '../../../src/server/compose.ts';
import { buildFaultConfig, FAULT_PIN, type FaultPlace, SAMPLE_POLICIES } from '../faults/config.ts';
import { shareEngine } from '../shared-engine.ts';

/** A server in this process whose store and connectors the test can look into. */
export type LateServer = AsyncDisposable & {
  readonly store: Store;
  readonly connectors: ReadonlyMap<string, Connector>;
  readonly errors: readonly unknown[];
  readonly now: () => number;
  /** From now on its clock is so far ahead. */
  readonly setSkew: (skewMs: number) => void;
};

/** Starts the server at this place with a clock that is `skewMs` ahead: what was left there is past its end. */
export async function startLateServer(place: FaultPlace, skewMs: number): Promise<LateServer> {
  const clock = createSystemClock();
  let aheadMs = skewMs;
  const now = (): number => clock.now() + aheadMs;
  const stores: Store[] = [];
  const connectors: Connector[] = [];
  const errors: unknown[] = [];
  const keep =
    <T>(list: T[]) =>
    (item: T): T => {
      list.push(item);
      return item;
    };
  const server = await startServer({
    config: buildFaultConfig(place),
    clock,
    pin: FAULT_PIN,
    samplePoliciesFolder: SAMPLE_POLICIES,
    log: ({ error }) => error !== undefined && keep(errors)(error),
    decorate: {
      store: keep(stores),
      connector: keep(connectors),
      policy: shareEngine,
      clock: (shared) => ({ ...shared, now: () => shared.now() + aheadMs }),
    },
  });
  const [store] = stores;
  if (!store) throw new Error('the server opened no store');
  return {
    store,
    connectors: new Map(Object.keys(place.urls).flatMap((name, index) => pair(name, connectors[index]))),
    errors,
    now,
    setSkew: (nextMs) => {
      aheadMs = nextMs;
    },
    [Symbol.asyncDispose]: server.stop,
  };
}

function pair(name: string, connector: Connector | undefined): readonly (readonly [string, Connector])[] {
  return connector ? [[name, connector]] : [];
}
