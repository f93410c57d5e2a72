import { createIds } from '../../../src/adapters/ids.ts';
import { reconcile } from '../../../src/broker/reconciliation/reconcile.ts';
import { readSubjectId } from '../../../src/broker/work/queue.ts';
import { runWork } from '../../../src/broker/work/work.ts';
import { SAMPLE_CATALOGUE } from '../../../src/core/config/default.ts';
import { NO_OBLIGATIONS } from '../../../src/core/decision.ts';
import type { Channel } from '../../../src/core/ports/channel.ts';
import type { Connector } from '../../../src/core/ports/connector.ts';
import type { Store } from '../../../src/core/ports/store.ts';
import { Secret } from '../../../src/core/secret.ts';
import { KEY_USES } from '../../../src/core/server-keys.ts';
import {
  liftQuarantine,
  QUARANTINE_SETTING,
  readQuarantine,
} from '../../../src/server/keeping/quarantine.ts';
import { rotateKeys } from '../../../src/server/keys/rotate.ts';
import { openTestBroker, START_AT, type TestBroker } from '../broker.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';
import { createScriptedChannel } from '../fakes/scripted-channel.ts';
import { createScriptedConnector, type ScriptedConnector } from '../fakes/scripted-connector.ts';
import { findViolations } from '../faults/invariants.ts';
import type { Dying, Flow } from './flow-cuts.ts';

/** An empty store, a new one each time. */
export type OpenStage = () => Promise<Store>;

/** Complaints about what is on record of these kinds, and about notes that nobody took away. */
export async function judgeRecord(
  store: Store,
  expected: Readonly<Record<string, number>>,
): Promise<readonly string[]> {
  const events = await store.listEvents({ limit: 999 });
  const counts = Object.entries(expected).flatMap(([kind, count]) => {
    const found = events.filter((event) => event.kind === kind).length;
    return found === count ? [] : [`I4: ${kind} is ${found} times on record`];
  });
  const notes = [...(await store.listSettings('stray at ')), ...(await store.listSettings('rotation at '))];
  return [...counts, ...notes.map(({ name, value }) => `a note is left: ${name}: ${value}`)];
}

type StrayStage = { readonly store: Store; readonly target: ScriptedConnector };

/** Something is live at a target that no grant is about. */
export function removeStray(openStore: OpenStage): Flow<StrayStage> {
  const clock = createFakeClock(START_AT);
  const look = (store: Store, target: Connector) => {
    const connectors = new Map([['orders', target]]);
    const parts = { store, connectors, clock, ids: createIds(clock), catalogue: SAMPLE_CATALOGUE };
    return reconcile(parts, { apply: true });
  };
  return {
    open: async () => {
      const target = createScriptedConnector();
      target.live.set('role_stray', { password: 'x', expiresAt: 0 });
      return { store: await openStore(), target };
    },
    act: ({ store, target }, { watch, around }) =>
      look(watch(store), {
        ...target,
        remove: (handle, options) => around('removing', () => target.remove(handle, options)),
      }),
    recover: async ({ store, target }) => {
      const { failures } = await look(store, target);
      return [
        ...failures.map(({ error }) => String(error)),
        ...[...target.live.keys()].map((handle) => `I1: ${handle} is live`),
        ...(await judgeRecord(store, { 'credential.stray_removed': 1 })),
      ];
    },
  };
}

type ChannelStage = { readonly broker: TestBroker; readonly requestId: string; readonly heard: string[] };

/** A channel is told of a request. */
export function tellChannel(openStore: OpenStage): Flow<ChannelStage> {
  return {
    open: async () => {
      const channel = createScriptedChannel();
      const broker = await openTestBroker({
        store: await openStore(),
        channels: new Map([[channel.name, channel]]),
      });
      const heard: string[] = [];
      channel.answer = async ({ notice }) => {
        heard.push(notice.id);
        return { reference: `message ${heard.length}` };
      };
      broker.policy.outcome = 'needs_people';
      broker.policy.permitted = true;
      broker.policy.obligations = { ...NO_OBLIGATIONS, approvals: 1 };
      return { broker, requestId: (await broker.ask()).id, heard };
    },
    act: async ({ broker }, { watch, around }) => {
      const store = watch(broker.store);
      const channels = new Map([...broker.channels].map(([name, channel]) => [name, gate(channel, around)]));
      const order = { now: broker.clock.now(), leaseMs: 30_000, limit: 9 };
      for (const work of await store.takeWork(order)) await runWork({ ...broker, store, channels }, work);
    },
    recover: async ({ broker, requestId, heard }) => {
      await broker.clock.advance(30_000);
      await broker.runDue();
      const notices = await broker.store.listNotices([requestId]);
      const { store, clock, connectors } = broker;
      return [
        ...notices.filter(({ state }) => state !== 'accepted').map(({ id }) => `${id} is not delivered`),
        ...notices.filter(({ id }) => !heard.includes(id)).map(({ id }) => `${id} was never heard`),
        ...(heard.length > 2 ? ['it was heard more than twice'] : []),
        ...(await listDeliveries(store, clock.now())),
        ...(await findViolations({ store, connectors, now: clock.now() })),
      ];
    },
  };
}

function gate(channel: Channel, around: Dying['around']): Channel {
  return {
    ...channel,
    deliver: (message, options) => around('hearing', () => channel.deliver(message, options)),
  };
}

async function listDeliveries(store: Store, now: number): Promise<readonly string[]> {
  const work = await store.takeWork({ now: now + 1_000_000, leaseMs: 1, limit: 99 });
  return work.filter(({ kind }) => kind === 'deliver').map((one) => `${readSubjectId(one)} is sent again`);
}

/** The server's own keys are rotated; asked again, what waits already is left. */
export function rotateOwnKeys(openStore: OpenStage): Flow<Store> {
  const clock = createFakeClock(START_AT);
  const rotate = (store: Store) =>
    rotateKeys(
      { store, clock, ids: createIds(clock), secret: new Secret('of the keys'.padEnd(32)), algorithms: [] },
      { uses: KEY_USES, actor: 'operator:root', leadMs: 1, longestTokenMs: 1, longestSessionMs: 1 },
    );
  return {
    open: openStore,
    act: (store, { watch }) => rotate(watch(store)),
    recover: async (store) => {
      const { waiting, made } = await rotate(store);
      const count = waiting.length + made.length;
      return [
        ...(count === KEY_USES.length ? [] : [`${count} keys wait`]),
        ...(await judgeRecord(store, { 'keys.rotated': KEY_USES.length })),
      ];
    },
  };
}

/** What was restored is confirmed. */
export function confirmRestored(openStore: OpenStage): Flow<Store> {
  const clock = createFakeClock(START_AT);
  const note = { restored_at: 'now', taken_at: 'then', by: 'operator:root' };
  const confirm = async (store: Store): Promise<void> => {
    const found = await readQuarantine(store);
    const id = createIds(clock).newEventId();
    const about = { actor: 'operator:root', requestId: null, grantId: null, detail: {} };
    const event = { id, kind: 'store.confirmed' as const, at: clock.now(), ...about };
    if (found) await liftQuarantine(store, { note: found, event });
  };
  return {
    open: async () => {
      const store = await openStore();
      await store.readSetting(QUARANTINE_SETTING, async () => JSON.stringify(note));
      return store;
    },
    act: (store, { watch }) => confirm(watch(store)),
    recover: async (store) => {
      await confirm(store);
      return await judgeRecord(store, { 'store.confirmed': 1 });
    },
  };
}
