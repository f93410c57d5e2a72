import type { Change, Store, StoreChange } from '../../../src/core/ports/store.ts';

type Method = (...values: readonly unknown[]) => unknown;

/** Every call to the other of two in turn: what one server writes is what another reads. `own` is what is not. */
export function alternate<T extends object>(first: T, second: T, own: Partial<T> = {}): T {
  let turn = 0;
  return new Proxy(first, {
    get: (_, name) => {
      if (Object.hasOwn(own, name) || !Object.hasOwn(first, name)) return Reflect.get(own, name);
      return (...values: readonly unknown[]): unknown => {
        turn += 1;
        return (Reflect.get(turn % 2 === 0 ? first : second, name) as Method)(...values);
      };
    },
  });
}

/**
 * Two stores over one database as one. Whoever listens does so at the first one, and a write through the second one is
 * over when the first one has heard of it.
 */
export function alternateStores(first: Store, second: Store): Store {
  return alternate(first, echo(first, second), {
    changes: first.changes,
    close: async () => {
      await Promise.all([first.close(), second.close()]);
    },
  });
}

function echo(first: Store, second: Store): Store {
  return {
    ...second,
    commit: async (transition) => {
      const heard = hear(first);
      const outcome = await second.commit(transition);
      const { request, grant, event } = transition;
      const requestId = request ? readId(request) : event.requestId;
      const grantId = grant ? readId(grant) : event.grantId;
      // A change whose message was late is found in the log, which goes by the event.
      const isMeant = (change: StoreChange) =>
        isSame(change, { requestId, grantId }) || isSame(change, event);
      if (outcome === 'committed') await heard.soon(isMeant);
      heard.stop();
      return outcome;
    },
    recordDelivery: async (record) => {
      const heard = hear(first);
      const outcome = await second.recordDelivery(record);
      const { requestId, state } = record.notice;
      if (outcome === 'recorded' && state === 'accepted')
        await heard.soon((change) => change.requestId === requestId);
      heard.stop();
      return outcome;
    },
  };
}

function isSame(left: StoreChange, right: StoreChange): boolean {
  return left.requestId === right.requestId && left.grantId === right.grantId;
}

function readId(change: Change<{ readonly id: string }>): string {
  return 'insert' in change ? change.insert.id : change.after.id;
}

const PATIENCE_MS = 20_000;

function hear(store: Store) {
  const changes: StoreChange[] = [];
  let wake = (): void => {};
  const stop = store.changes((change) => {
    changes.push(change);
    wake();
  });
  return {
    stop,
    soon: (isMeant: (change: StoreChange) => boolean) =>
      new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error('the other server heard of nothing')), PATIENCE_MS);
        wake = () => {
          if (!changes.some(isMeant)) return;
          clearTimeout(timer);
          resolve();
        };
        wake();
      }),
  };
}
