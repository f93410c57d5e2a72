import type { Grant } from '../../../core/grant.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import type { ProtocolStore } from '../../../core/ports/protocol-store.ts';
import type { LoginSessions } from '../login/sessions.ts';
import { verifyGrantToken } from '../tokens/grant-token.ts';
import type { SigningKeys } from '../tokens/keys.ts';

export type RevocationOptions = {
  readonly url: string;
  readonly clock: Clock;
  readonly keys: SigningKeys;
  readonly protocol: ProtocolStore;
  readonly sessions: LoginSessions;
  readonly findGrantByToken: (tokenId: string) => Promise<Grant | undefined>;
  /** MUST begin the grant's revocation; that it is under way already is success. */
  readonly revokeByToken: (grant: Grant) => Promise<void>;
};

/**
 * RFC 7009 for a client's own tokens: a grant token ends its grant; a refresh or access token ends the login session.
 * Whatever else is presented, another client's token included, is left alone and looks the same (TOK-05).
 */
export async function revoke(
  presented: { readonly token: string; readonly clientId: string },
  options: RevocationOptions,
): Promise<void> {
  if (await revokeGrant(presented, options)) return;
  for (const kind of ['RefreshToken', 'AccessToken']) {
    const payload = (await options.protocol.find(kind, presented.token))?.payload;
    if (payload?.clientId !== presented.clientId || typeof payload.grantId !== 'string') continue;
    await options.sessions.end({ sessionId: payload.grantId, kind: 'session.ended', because: 'logout' });
    return;
  }
}

async function revokeGrant(
  { token: text, clientId }: { readonly token: string; readonly clientId: string },
  { url, clock, keys, findGrantByToken, revokeByToken }: RevocationOptions,
): Promise<boolean> {
  const token = await verifyGrantToken(text, { keys, issuer: url, now: clock.now() });
  if (!token) return false;
  const grant = token.clientId === clientId ? await findGrantByToken(token.tokenId) : undefined;
  if (grant && grant.id === token.grantId) await revokeByToken(grant);
  return true;
}
