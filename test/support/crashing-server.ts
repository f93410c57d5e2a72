import { AsyncLocalStorage } from 'node:async_hooks';
import pg from 'pg';
import { createSystemClock } from '../../src/adapters/clock.ts';
import type { Connector } from '../../src/core/ports/connector.ts';
import type { Store } from '../../src/core/ports/store.ts';
import { startServer } from '../../src/server/compose.ts';
import { buildFaultConfig, FAULT_PIN, type FaultPlace } from './fault-config.ts';

/** What the test tells this program. `at` names the fail point where it kills itself; null: it only reports them. */
export type CrashOrder =
  | { readonly kind: 'start'; readonly place: FaultPlace; readonly policies: string }
  | {
      readonly kind: 'arm';
      readonly at: string | null;
      readonly skewMs: number;
      readonly probeFails: boolean;
    };

export type CrashReport =
  | { readonly kind: 'ready' | 'armed' | 'ended' }
  | { readonly kind: 'passed'; readonly point: string };

const realClock = createSystemClock();
let armed: Extract<CrashOrder, { kind: 'arm' }> | undefined;
const passed = new Map<string, number>();

function report(message: CrashReport): void {
  process.send?.(message);
}

/** A place where the server may die. The second time at the same place it has another name. */
function pass(name: string): void {
  if (!armed) return;
  const times = (passed.get(name) ?? 0) + 1;
  passed.set(name, times);
  const point = times === 1 ? name : `${name}, time ${times}`;
  if (point === armed.at) process.kill(process.pid, 'SIGKILL');
  if (armed.at === null) report({ kind: 'passed', point });
}

async function around<T>(name: string, action: () => Promise<T>): Promise<T> {
  pass(`before ${name}`);
  const result = await action();
  pass(`after ${name}`);
  return result;
}

function decorateStore(store: Store): Store {
  return {
    ...store,
    commit: async (transition) => {
      const outcome = await around(transition.event.kind, () => store.commit(transition));
      if (transition.event.kind === 'grant.ended') report({ kind: 'ended' });
      return outcome;
    },
    takeWork: async (options) => {
      const taken = await store.takeWork(options);
      for (const work of taken) pass(`after taking ${work.kind}`);
      return taken;
    },
    finishWork: (work) => around(`finishing ${work.id.split(':')[0]}`, () => store.finishWork(work)),
  };
}

/** The call that a statement belongs to; looking is no write. */
const calls = new AsyncLocalStorage<{ readonly name: string; statements: number }>();

function decorateConnector(connector: Connector): Connector {
  const within = <T>(name: string, action: () => Promise<T>): Promise<T> =>
    calls.run({ name, statements: 0 }, action);
  return {
    ...connector,
    issue: (order) => within('issue', () => connector.issue(order)),
    probe: (credential, deadlineAt) =>
      within('probe', async () => {
        await connector.probe(credential, deadlineAt);
        if (armed?.probeFails) throw new Error('the probe was told to fail');
      }),
    extend: (order) => within('extend', () => connector.extend(order)),
    remove: (handle, options) => within('remove', () => connector.remove(handle, options)),
  };
}

type Query = (this: unknown, text: string) => Promise<unknown>;

/** Every statement to a target is a fail point of its own, before it is sent and after it was answered. */
function watchStatements(): void {
  const client = pg.Client.prototype as unknown as { query: Query };
  const send = client.query;
  client.query = function (text) {
    const call = calls.getStore();
    if (!call) return send.call(this, text);
    call.statements += 1;
    return around(`${call.name} statement ${call.statements}`, () => send.call(this, text));
  };
}

async function start({ place, policies }: Extract<CrashOrder, { kind: 'start' }>): Promise<void> {
  watchStatements();
  await startServer({
    config: buildFaultConfig(place),
    clock: { ...realClock, now: () => realClock.now() + (armed?.skewMs ?? 0) },
    pin: FAULT_PIN,
    samplePoliciesFolder: policies,
    log: ({ error }) => error !== undefined && process.stderr.write(`${error}\n`),
    decorate: { store: decorateStore, connector: decorateConnector },
  });
  report({ kind: 'ready' });
}

process.on('message', (order: CrashOrder) => {
  if (order.kind === 'start') return void start(order);
  armed = order;
  report({ kind: 'armed' });
});
