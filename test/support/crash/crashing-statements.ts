import { AsyncLocalStorage } from 'node:async_hooks';
import pg from 'pg';
import type { Connector, Upkeep, UpkeepOrder } from '../../../src/core/ports/connector.ts';

/** Does this before and after; may never come back. */
export type Around = <T>(name: string, action: () => Promise<T>) => Promise<T>;

/** The call to a target that a statement belongs to; looking is no write. */
type Call = { readonly name: string; readonly around: Around; statements: number };

const calls = new AsyncLocalStorage<Call>();

type Query = (this: unknown, ...query: unknown[]) => Promise<unknown>;

/** Every statement to a target is a fail point of its own, before it is sent and after it was answered. */
export function watchStatements(): void {
  const client = pg.Client.prototype as unknown as { query: Query };
  const send = client.query;
  client.query = function (...query) {
    const call = calls.getStore();
    if (!call) return send.apply(this, query);
    call.statements += 1;
    return call.around(`${call.name} statement ${call.statements}`, () => send.apply(this, query));
  };
}

/** What a call to a target does at the store is no statement of it. */
export function apart<T>(action: () => T): T {
  return calls.exit(action);
}

/** Names the statements of each call that changes something. */
export function watchConnector(
  connector: Connector,
  parts: { readonly around: Around; readonly probeFails: () => boolean },
): Connector {
  const within = <T>(name: string, action: () => Promise<T>): Promise<T> =>
    calls.run({ name, around: parts.around, statements: 0 }, action);
  return {
    ...connector,
    issue: (order) => within('issue', () => connector.issue(order)),
    probe: (credential, deadlineAt) =>
      within('probe', async () => {
        await connector.probe(credential, deadlineAt);
        if (parts.probeFails()) throw new Error('the probe was told to fail');
      }),
    extend: (order) => within('extend', () => connector.extend(order)),
    remove: (handle, options) => within('remove', () => connector.remove(handle, options)),
    ...(connector.upkeep ? { upkeep: (order) => within('upkeep', () => upkeep(connector, order)) } : {}),
  };
}

function upkeep(connector: Connector, { record, ...order }: UpkeepOrder): Promise<Upkeep> {
  return (
    connector.upkeep?.({
      ...order,
      record: ({ isDue, replace, ...replacement }) => {
        const call = calls.getStore();
        const back = <T>(action: () => Promise<T>) => (call ? calls.run(call, action) : action());
        return apart(() =>
          record({ ...replacement, isDue: () => back(isDue), replace: () => back(replace) }),
        );
      },
    }) ?? Promise.reject(new Error('there is no upkeep'))
  );
}
