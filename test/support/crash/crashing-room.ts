import { createSystemClock } from '../../../src/adapters/clock.ts';
import { startServer } from '../../../src/server/compose.ts';
import { buildFaultConfig, FAULT_PIN, type FaultPlace } from '../faults/config.ts';
import { shareEngine } from '../shared-engine.ts';
import { watchConnector } from './crashing-statements.ts';
import { createGate, watchStore } from './gate.ts';
import type { Arming, CrashNews } from './messages.ts';

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
