import type { Clock } from '../../../core/ports/clock.ts';
import type { ProtocolStore } from '../../../core/ports/protocol-store.ts';
import { SECOND_MS } from '../../../core/time.ts';

const KIND = 'JitAttempt';

/** What is counted: at most `limit` failures under this name in each window. */
export type AttemptLimit = {
  readonly name: string;
  readonly limit: number;
  readonly windowSeconds: number;
};

export type Attempt = {
  /** The guess was right: it does not count. An attempt that never succeeds counts as a failure. */
  succeed(): Promise<void>;
};

/** Counts guesses across replicas and restarts. */
export interface Attempts {
  /** Undefined when one of the limits is reached. MUST be asked before the guess is looked at. */
  begin(limits: readonly AttemptLimit[]): Promise<Attempt | undefined>;
}

/** Each failure fills a numbered place that only one caller can take, so parallel guesses cannot outrun the count. */
export function createAttempts(stored: {
  readonly protocol: ProtocolStore;
  readonly clock: Clock;
}): Attempts {
  const release = async (places: readonly string[]) => {
    for (const place of places) await stored.protocol.remove(KIND, place);
  };
  return {
    async begin(limits) {
      const taken: string[] = [];
      for (const limit of limits) {
        const place = await takePlace(stored, limit);
        if (place === undefined) {
          await release(taken);
          return undefined;
        }
        taken.push(place);
      }
      return { succeed: () => release(taken) };
    },
  };
}

async function takePlace(
  { protocol, clock }: { readonly protocol: ProtocolStore; readonly clock: Clock },
  { name, limit, windowSeconds }: AttemptLimit,
): Promise<string | undefined> {
  const windowMs = windowSeconds * SECOND_MS;
  const window = Math.floor(clock.now() / windowMs);
  for (let index = 0; index < limit; index += 1) {
    const id = `${name}\n${window}\n${index}`;
    if (await protocol.insertOnce({ kind: KIND, id, expiresAt: (window + 1) * windowMs })) return id;
  }
  return undefined;
}
