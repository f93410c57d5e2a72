import { isSameScopes, type Scope } from './scope.ts';
import { type Instant, SECOND_MS } from './time.ts';

export type GrantId = `gr_${string}`;

export const GRANT_STATES = ['provisioning', 'active', 'revoking', 'ended'] as const;
export type GrantState = (typeof GRANT_STATES)[number];

/** Somebody has it, or is about to: what counts against a limit, and can still be used. */
export const HELD_GRANT_STATES = ['provisioning', 'active'] as const satisfies readonly GrantState[];
/** Not seen gone yet: there may be something of it at its target. */
export const LIVE_GRANT_STATES = [...HELD_GRANT_STATES, 'revoking'] as const satisfies readonly GrantState[];

/**
 * Which state may follow which. Only `revoking` leads to `ended`; it may repeat, once for each failed attempt. So may
 * `provisioning`, once for each claim that goes on with what another began.
 */
export const GRANT_TRANSITIONS: Readonly<Record<GrantState, readonly GrantState[]>> = {
  provisioning: ['provisioning', 'active', 'revoking'],
  active: ['active', 'revoking'],
  revoking: ['revoking', 'ended'],
  ended: [],
};

export const END_CAUSES = [
  'done',
  'revoked',
  'expired',
  'idle',
  'violation',
  'superseded',
  'left',
  'failed',
] as const;
export type EndCause = (typeof END_CAUSES)[number];

/** How far the taking away has come, part by part. `confirmed` only when both parts are. */
export type Revocation = {
  readonly token: 'live' | 'revoked';
  /** `gone`: the connector looked and the credential is not there. */
  readonly target: 'live' | 'removing' | 'gone';
  readonly confirmed: boolean;
  readonly attempts: number;
  readonly lastError: string | null;
  /** Sessions that were ended at the target while it was removed. */
  readonly sessionsEnded: number;
  /** What was given out cannot be taken back and may open a connection until then; absent where nothing does. */
  readonly lingersUntil?: Instant;
  /** The name of who took it from its holder; absent where the holder gave it back, or the clockwork ended it. */
  readonly by?: string;
  /** When people were called because it is not confirmed; absent where they were not. */
  readonly alarmedAt?: Instant;
  /** The failed try that is on record, with its reason, as the last one; absent where none failed. */
  readonly told?: { readonly at: Instant; readonly why: string };
};

/** The lease that a claimed request becomes. It has one absolute end. */
export type Grant = {
  readonly id: GrantId;
  readonly requestId: string;
  readonly state: GrantState;
  readonly version: number;
  readonly scopes: readonly Scope[];
  readonly target: string;
  readonly heldBy: { readonly subject: string; readonly name: string };
  /** It was granted before anybody was asked; absent where it was not. The request says so, and nothing changes it. */
  readonly breakGlass?: true;
  readonly digest: string;
  /** The token's `jti`: the same in every token signed for this grant. */
  readonly tokenId: string;
  readonly claimedAt: Instant;
  readonly expiresAt: Instant;
  /** No extension goes past this. */
  readonly latestEndAt: Instant;
  readonly lastUsedAt: Instant | null;
  /** It ends when nobody used it for so long; absent where it may be idle. */
  readonly idleSeconds?: number;
  readonly endedAt: Instant | null;
  readonly endedBecause: EndCause | null;
  /** The connector's own record of what it made: opaque here, no secret in it. */
  readonly handle: string | null;
  readonly revocation: Revocation;
};

export const NOT_REVOKED: Revocation = {
  token: 'live',
  target: 'live',
  confirmed: false,
  attempts: 0,
  lastError: null,
  sessionsEnded: 0,
};

export function canMoveGrant(from: GrantState, to: GrantState): boolean {
  return GRANT_TRANSITIONS[from].includes(to);
}

/** May the grant be used at this instant? The state alone is not enough: a late expiry run must not lengthen it. */
export function isGrantUsable(grant: Pick<Grant, 'state' | 'expiresAt'>, now: Instant): boolean {
  return grant.state === 'active' && now < grant.expiresAt;
}

/** Being claimed counts as the first use. */
export function findLastUse({ claimedAt, lastUsedAt }: Pick<Grant, 'claimedAt' | 'lastUsedAt'>): Instant {
  return Math.max(claimedAt, lastUsedAt ?? claimedAt);
}

/** Is it known whether it was used? Each use is told of where it ends without one; elsewhere silence says nothing. */
export function isUseKnown({ lastUsedAt, idleSeconds }: Pick<Grant, 'lastUsedAt' | 'idleSeconds'>): boolean {
  return lastUsedAt !== null || idleSeconds !== undefined;
}

/** When it ends unless it is used before; null where it may be idle, or its time is over by then anyhow. */
export function findIdleEnd(
  grant: Pick<Grant, 'claimedAt' | 'lastUsedAt' | 'expiresAt' | 'idleSeconds'>,
): Instant | null {
  if (grant.idleSeconds === undefined) return null;
  const endsAt = findLastUse(grant) + grant.idleSeconds * SECOND_MS;
  return endsAt < grant.expiresAt ? endsAt : null;
}

/** Does the grant give the requester what this request asks for, no more and nobody else's (TOK-04)? */
export function isGrantOf(
  request: {
    readonly requestedBy: { readonly subject: string };
    readonly scopes: readonly Scope[];
    readonly target: string;
  },
  grant: Pick<Grant, 'heldBy' | 'scopes' | 'target'>,
): boolean {
  return (
    grant.heldBy.subject === request.requestedBy.subject &&
    grant.target === request.target &&
    isSameScopes(grant.scopes, request.scopes)
  );
}

/** Where an extension by `durationSeconds` from now would end: later than today's end, never past the latest. */
export function buildExtendedEnd(grant: Grant, durationSeconds: number, now: Instant): Instant {
  return Math.max(grant.expiresAt, Math.min(now + durationSeconds * 1000, grant.latestEndAt));
}
