import { fail } from '../../core/errors.ts';
import type { Grant } from '../../core/grant.ts';
import type { Broker } from '../parts.ts';

/** Whoever waits for one answer: callers of the same session share it. */
export type Audience = {
  /** One more waits, until `gone` is aborted; without it to the end. */
  join(gone: AbortSignal | undefined): void;
  isThere(): boolean;
};

/** A broker that serves one claim. */
export type ServingBroker = Broker & Pick<Audience, 'isThere'>;

export function gatherAudience(): Audience {
  const joined: (AbortSignal | undefined)[] = [];
  return {
    join: (gone) => void joined.push(gone),
    isThere: () => joined.some((gone) => !gone?.aborted),
  };
}

/**
 * For what takes the place of a password that another answer may have brought: nobody loses that for an answer that
 * nobody receives. Throws `lost_race` where everybody has gone.
 */
export function requireAudience({ isThere }: ServingBroker, { id }: Grant): void {
  if (!isThere()) throw fail('lost_race', { what: id });
}
