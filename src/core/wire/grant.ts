import * as v from 'valibot';
import { END_CAUSES, GRANT_STATES } from '../grant.ts';
import { formatInstant } from '../time.ts';
import type { GrantView } from '../view.ts';
import {
  count,
  encodeInstant,
  encodeList,
  instant,
  nullableInstant,
  nullableText,
  scopeNames,
  seconds,
  targetName,
  text,
} from './fields.ts';

/** A grant on the wire (docs/protocol.md). */
export const grantMessage = v.pipe(
  v.object({
    id: v.pipe(v.string(), v.regex(/^gr_[0-9a-z]{1,64}$/)),
    url: text,
    request_id: text,
    state: v.picklist(GRANT_STATES),
    scopes: scopeNames,
    target: targetName,
    held_by: text,
    // An older server, or a copy that was kept before, does not say.
    break_glass: v.optional(v.boolean(), false),
    claimed_at: instant,
    expires_at: instant,
    last_used_at: nullableInstant,
    idle_seconds: v.optional(seconds),
    ended_at: nullableInstant,
    ended_because: v.nullable(v.picklist(END_CAUSES)),
    ended_by: v.optional(text),
    revocation: v.object({
      token: v.picklist(['live', 'revoked']),
      target: v.picklist(['live', 'removing', 'gone']),
      confirmed: v.boolean(),
      attempts: count,
      last_error: nullableText,
      sessions_ended: count,
      lingers_until: v.optional(instant),
    }),
  }),
  v.transform(
    (wire): GrantView => ({
      id: wire.id,
      url: wire.url,
      requestId: wire.request_id,
      state: wire.state,
      scopes: wire.scopes,
      target: wire.target,
      heldBy: wire.held_by,
      breakGlass: wire.break_glass,
      claimedAt: wire.claimed_at,
      expiresAt: wire.expires_at,
      lastUsedAt: wire.last_used_at,
      ...(wire.idle_seconds === undefined ? {} : { idleSeconds: wire.idle_seconds }),
      endedAt: wire.ended_at,
      endedBecause: wire.ended_because,
      ...(wire.ended_by === undefined ? {} : { endedBy: wire.ended_by }),
      revocation: {
        token: wire.revocation.token,
        target: wire.revocation.target,
        confirmed: wire.revocation.confirmed,
        attempts: wire.revocation.attempts,
        lastError: wire.revocation.last_error,
        sessionsEnded: wire.revocation.sessions_ended,
        ...(wire.revocation.lingers_until === undefined
          ? {}
          : { lingersUntil: wire.revocation.lingers_until }),
      },
    }),
  ),
);

export type GrantDocument = v.InferInput<typeof grantMessage>;

export function encodeGrant(view: GrantView): GrantDocument {
  const { revocation } = view;
  return {
    id: view.id,
    url: view.url,
    request_id: view.requestId,
    state: view.state,
    scopes: encodeList(view.scopes),
    target: view.target,
    held_by: view.heldBy,
    break_glass: view.breakGlass,
    claimed_at: formatInstant(view.claimedAt),
    expires_at: formatInstant(view.expiresAt),
    last_used_at: encodeInstant(view.lastUsedAt),
    ...(view.idleSeconds === undefined ? {} : { idle_seconds: view.idleSeconds }),
    ended_at: encodeInstant(view.endedAt),
    ended_because: view.endedBecause,
    ...(view.endedBy === undefined ? {} : { ended_by: view.endedBy }),
    revocation: {
      token: revocation.token,
      target: revocation.target,
      confirmed: revocation.confirmed,
      attempts: revocation.attempts,
      last_error: revocation.lastError,
      sessions_ended: revocation.sessionsEnded,
      ...(revocation.lingersUntil === undefined
        ? {}
        : { lingers_until: formatInstant(revocation.lingersUntil) }),
    },
  };
}
