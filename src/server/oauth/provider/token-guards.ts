import { calculateJwkThumbprint, decodeProtectedHeader } from 'jose';
import { type AdapterPayload, errors, type KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Clock } from '../../../core/ports/clock.ts';
import type { ProtocolStore } from '../../../core/ports/protocol-store.ts';
import { SECOND_MS } from '../../../core/time.ts';
import type { LoginSessions } from '../login/sessions.ts';
import type { Refine } from './adapter.ts';

const REDEEMER = 'JitDeviceRedeemer';
/** A poll may come this share of the interval early: networks and timers are not exact. */
const POLL_TOLERANCE_SHARE = 0.2;

type Options = {
  readonly protocol: ProtocolStore;
  readonly clock: Clock;
  readonly sessions: LoginSessions;
  readonly pollIntervalSeconds: number;
};

/**
 * Stands between the provider and its device codes. One poll per interval gets through (DEV-16); a denied code says so
 * every time; a used one never reaches the provider, which would end the session that came of it (DEV-15).
 */
export function createPollGuard(options: Options): Refine {
  return async (id, payload) => {
    const context = findTokenRequest(payload);
    if (!context) return payload;
    if (payload.consumed) return refuseUsedCode(options, { id, payload, context });
    await requireTurn(options, id);
    if (payload.error) throw new errors.AccessDenied(payload.errorDescription);
    if (payload.accountId) await rememberRedeemer(options, { id, payload, context });
    return payload;
  };
}

/** A refresh token that comes with another key was stolen, or its key was: the session ends (OAU-04). */
export function createRefreshGuard({ sessions }: Pick<Options, 'sessions'>): Refine {
  return async (_id, payload) => {
    const context = findTokenRequest(payload);
    const thumbprint = context && (await readThumbprint(context));
    if (!thumbprint || !payload.jkt || thumbprint === payload.jkt) return payload;
    await endForOtherKey(sessions, payload.grantId);
    throw new errors.InvalidGrant('presented with another key');
  };
}

/** The request at the token endpoint that is asking; undefined for another client's, which the provider refuses. */
function findTokenRequest(payload: AdapterPayload): KoaContextWithOIDC | undefined {
  const context = Provider.ctx;
  if (context?.oidc.route !== 'token') return undefined;
  return context.oidc.client?.clientId === payload.clientId ? context : undefined;
}

async function requireTurn({ protocol, clock, pollIntervalSeconds }: Options, id: string): Promise<void> {
  const intervalMs = pollIntervalSeconds * (1 - POLL_TOLERANCE_SHARE) * SECOND_MS;
  const turn = await protocol.takeTurn({ kind: 'DeviceCode', id, now: clock.now(), intervalMs });
  if (turn === 'too_soon') throw new errors.SlowDown();
}

type Poll = {
  readonly id: string;
  readonly payload: AdapterPayload;
  readonly context: KoaContextWithOIDC;
};

/** Written before the code is used, so that there is no moment in which a late poll cannot be judged. */
async function rememberRedeemer({ protocol }: Options, { id, payload, context }: Poll): Promise<void> {
  const thumbprint = await readThumbprint(context);
  if (!thumbprint) return;
  const expiresAt = payload.exp === undefined ? null : payload.exp * SECOND_MS;
  const { grantId } = payload;
  await protocol.put({ kind: REDEEMER, id, payload: { jkt: thumbprint }, expiresAt, grantId });
}

async function refuseUsedCode(
  { protocol, sessions }: Options,
  { id, payload, context }: Poll,
): Promise<never> {
  const redeemer = await protocol.find(REDEEMER, id);
  const thumbprint = await readThumbprint(context);
  if (redeemer && thumbprint && redeemer.payload.jkt !== thumbprint) {
    await endForOtherKey(sessions, payload.grantId);
  }
  throw new errors.InvalidGrant('device code was used');
}

async function endForOtherKey(sessions: LoginSessions, sessionId: string | undefined): Promise<void> {
  if (sessionId) await sessions.end({ sessionId, kind: 'session.refused', because: 'another key' });
}

/** Whose key made the proof. The provider has verified it by the time it looks anything up. */
async function readThumbprint(context: KoaContextWithOIDC): Promise<string | undefined> {
  const proof = context.get('DPoP');
  const jwk = proof ? decodeProtectedHeader(proof).jwk : undefined;
  return jwk && calculateJwkThumbprint(jwk);
}
