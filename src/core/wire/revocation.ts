import * as v from 'valibot';
import { LONGEST_NAME_CHARACTERS, LONGEST_REVOKE_WAIT_SECONDS } from '../limits.ts';
import type { RevokedView, Selection } from '../view.ts';
import { count, targetName } from './fields.ts';
import { encodeGrant, grantMessage } from './grant.ts';

const selected = {
  user: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(LONGEST_NAME_CHARACTERS))),
  target: v.optional(targetName),
  everyone: v.optional(v.literal(true)),
};

type Selected = {
  readonly user?: string | undefined;
  readonly target?: string | undefined;
  readonly everyone?: true | undefined;
};

/** Everybody's is said, never meant by leaving out a name: a forgotten field must not end all of production's access. */
function isOneMeaning({ user, target, everyone }: Selected): boolean {
  return everyone ? user === undefined && target === undefined : user !== undefined || target !== undefined;
}

const WHOSE = 'name a user, a target, or both; or say everyone, and nothing else';

/** Whose live grants: also in the query of `GET /v1/grants`, where `everyone` is `true`. */
export const selectionMessage = v.pipe(
  v.strictObject(selected),
  v.check((wire) => isOneMeaning(wire), WHOSE),
  v.transform((wire): Selection => ({ user: wire.user ?? null, target: wire.target ?? null })),
);

/** Whose access is taken away, and how long to wait for proof. */
export const revocationMessage = v.pipe(
  v.strictObject({
    ...selected,
    wait_seconds: v.optional(
      v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(LONGEST_REVOKE_WAIT_SECONDS)),
      0,
    ),
  }),
  v.check((wire) => isOneMeaning(wire), WHOSE),
  v.transform((wire): Selection & { readonly waitSeconds: number } => ({
    user: wire.user ?? null,
    target: wire.target ?? null,
    waitSeconds: wire.wait_seconds,
  })),
);

export const grantsMessage = v.object({ grants: v.array(grantMessage) });

export const revokedMessage = v.pipe(
  v.object({ grants: v.array(grantMessage), cancelled: count, sessions_ended: count }),
  v.transform(({ sessions_ended, ...wire }): RevokedView => ({ ...wire, sessionsEnded: sessions_ended })),
);

/** A selection of nobody and nothing is everybody: that is what is said then. */
export function encodeSelection({ user, target }: Selection): v.InferInput<typeof selectionMessage> {
  if (user === null && target === null) return { everyone: true };
  return { ...(user === null ? {} : { user }), ...(target === null ? {} : { target }) };
}

/** A selection as the query of an address. */
export function writeSelectionQuery(selection: Selection): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(encodeSelection(selection))) query.set(name, String(value));
  return query.toString();
}

export function encodeRevoked(view: RevokedView): v.InferInput<typeof revokedMessage> {
  return {
    grants: view.grants.map(encodeGrant),
    cancelled: view.cancelled,
    sessions_ended: view.sessionsEnded,
  };
}
