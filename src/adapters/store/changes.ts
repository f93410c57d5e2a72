import type { StoreChange } from '../../core/ports/store.ts';

type Listener = (change: StoreChange) => void;

/** Tells every listener of every commit. */
export type Changes = {
  readonly listen: (listener: Listener) => () => void;
  /** After the commit. `eventId`: of the event that was written with it, if there was one. */
  readonly emit: (change: StoreChange, eventId: string | null) => void;
};

/** Told of what a listener threw. */
export type OnError = (error: unknown) => void;

/** Those of this process. */
export function createChanges(onError: OnError): Changes {
  const listeners = new Set<{ readonly call: Listener }>();
  return {
    listen: (call) => {
      const entry = { call };
      listeners.add(entry);
      return () => {
        listeners.delete(entry);
      };
    },
    emit: (change) => {
      // The commit is done by now: a listener that fails must not make it look as if it were not, nor silence the others.
      for (const { call } of [...listeners]) {
        try {
          call(change);
        } catch (error) {
          onError(error);
        }
      }
    },
  };
}
