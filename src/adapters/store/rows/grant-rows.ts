import type { Insertable } from 'kysely';
import type { EndCause, Grant, GrantId, GrantState, Revocation } from '../../../core/grant.ts';
import type { GrantRow, GrantTable } from '../schema.ts';

/** What a transition may change, the last use apart, which has its own rule. */
export function buildGrantChange(grant: Grant) {
  return {
    state: grant.state,
    version: grant.version,
    claimed_at: grant.claimedAt,
    expires_at: grant.expiresAt,
    latest_end_at: grant.latestEndAt,
    ended_at: grant.endedAt,
    ended_because: grant.endedBecause,
    handle: grant.handle,
    revocation: JSON.stringify(grant.revocation),
  };
}

export function buildGrantRow(grant: Grant): Insertable<GrantTable> {
  return {
    ...buildGrantChange(grant),
    id: grant.id,
    request_id: grant.requestId,
    scopes: JSON.stringify(grant.scopes),
    target: grant.target,
    held_by: grant.heldBy.subject,
    holder_name: grant.heldBy.name,
    digest: grant.digest,
    token_id: grant.tokenId,
    last_used_at: grant.lastUsedAt,
    idle_seconds: grant.idleSeconds ?? null,
  };
}

export function readGrantRow(row: GrantRow): Grant {
  return {
    id: row.id as GrantId,
    requestId: row.request_id,
    state: row.state as GrantState,
    version: row.version,
    scopes: JSON.parse(row.scopes) as readonly string[],
    target: row.target,
    heldBy: { subject: row.held_by, name: row.holder_name },
    ...(row.break_glass === 1 ? { breakGlass: true } : {}),
    digest: row.digest,
    tokenId: row.token_id,
    claimedAt: row.claimed_at,
    expiresAt: row.expires_at,
    latestEndAt: row.latest_end_at,
    lastUsedAt: row.last_used_at,
    ...(row.idle_seconds === null ? {} : { idleSeconds: row.idle_seconds }),
    endedAt: row.ended_at,
    endedBecause: row.ended_because as EndCause | null,
    handle: row.handle,
    revocation: JSON.parse(row.revocation) as Revocation,
  };
}
