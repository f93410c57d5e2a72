import { createSystemClock } from '../../src/adapters/clock.ts';
import type { Store } from '../../src/core/ports/store.ts';
import { startServer } from '../../src/server/compose.ts';
import type { Arming, CrashNews } from './crash-messages.ts';
import { type Around, watchConnector } from './crashing-statements.ts';
import { buildFaultConfig, FAULT_PIN, type FaultPlace } from './fault-config.ts';
import { shareEngine } from './shared-engine.ts';

/** A server that stops for good at its fail point: nothing of it reaches the store or a target from then on. */
export type CrashRoom = {
  readonly arm: (arming: Arming) => void;
  readonly start: () => Promise<void>;
};

export type CrashRoomOptions = {
  readonly place: FaultPlace;
  readonly policies: string;
  readonly arming: Arming | null;
  readonly report: (news: CrashNews) => void;
};

const never = new Promise<never>(() => {});

/**
 * Who stands still at a fail point, with nothing going on of what it began, is as good as killed there, for its store and
 * its targets; then the process is killed.
 */
export function openCrashRoom(options: CrashRoomOptions): CrashRoom {
  const { place, policies, report } = options;
  let armed = options.arming;
  const gate = createGate({ report, findAt: () => armed && { at: armed.at } });
  return {
    arm: (arming) => {
      armed = arming;
    },
    start: async () => {
      await startServer({
        config: buildFaultConfig(place),
        clock: createSystemClock(),
        pin: FAULT_PIN,
        samplePoliciesFolder: policies,
        log: ({ error }) => error !== undefined && process.stderr.write(`${error}\n`),
        decorate: {
          store: (store) => watchStore(store, { ...gate, report }),
          connector: (connector) =>
            watchConnector(connector, { ...gate, probeFails: () => armed?.probeFails ?? false }),
          policy: shareEngine,
          clock: (shared) => ({ ...shared, now: () => shared.now() + (armed?.skewMs ?? 0) }),
        },
      });
    },
  };
}

type Gate = {
  readonly around: Around;
  /** A place where the server may stop. The second time at the same place it has another name. */
  readonly pass: (name: string) => Promise<void>;
  /** Lets nobody on once the server has stopped. */
  readonly hold: () => Promise<void>;
};

function createGate(options: {
  readonly report: (news: CrashNews) => void;
  /** Null before it is armed. */
  readonly findAt: () => { readonly at: string | null } | null;
}): Gate {
  const passed = new Map<string, number>();
  let isFrozen = false;
  const hold = async (): Promise<void> => {
    if (isFrozen) await never;
  };
  const pass = async (name: string): Promise<void> => {
    await hold();
    const armed = options.findAt();
    if (!armed) return;
    const times = (passed.get(name) ?? 0) + 1;
    passed.set(name, times);
    const point = times === 1 ? name : `${name}, time ${times}`;
    if (armed.at === null) return options.report({ kind: 'passed', point });
    if (point !== armed.at) return;
    isFrozen = true;
    options.report({ kind: 'frozen' });
    await never;
  };
  const around: Around = async (name, action) => {
    await pass(`before ${name}`);
    const result = await action();
    await pass(`after ${name}`);
    return result;
  };
  return { around, pass, hold };
}

/** Every write is a fail point, before and after. */
function watchStore(
  store: Store,
  { around, pass, hold, report }: Gate & Pick<CrashRoomOptions, 'report'>,
): Store {
  return {
    ...store,
    commit: async (transition) => {
      const { kind } = transition.event;
      const outcome = await around(kind, () => store.commit(transition));
      if (outcome === 'committed') report({ kind: 'recorded', event: kind });
      return outcome;
    },
    takeWork: async (options) => {
      await hold();
      const taken = await store.takeWork(options);
      for (const { kind } of taken) await pass(`after taking ${kind}`);
      return taken;
    },
    finishWork: (work) => around(`finishing ${work.id.split(':')[0]}`, () => store.finishWork(work)),
    recordDelivery: (record) => around('a delivery', () => store.recordDelivery(record)),
    replaceSetting: (change) => around('a new setting', () => store.replaceSetting(change)),
    recordUse: (grantId, at) => around('a use', () => store.recordUse(grantId, at)),
  };
}
