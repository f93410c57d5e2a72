import { type Grant, isGrantUsable } from '../../../core/grant.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import { SECOND_MS } from '../../../core/time.ts';
import { type GrantToken, verifyGrantToken } from '../tokens/grant-token.ts';
import type { SigningKeys } from '../tokens/keys.ts';
import type { ResourceServer } from './resource-servers.ts';

export type IntrospectionOptions = {
  readonly url: string;
  readonly clock: Clock;
  readonly keys: SigningKeys;
  readonly findGrantByToken: (tokenId: string) => Promise<Grant | undefined>;
  readonly recordUse: (grantId: string) => Promise<void>;
};

/** RFC 7662 §2.2. What is not active says nothing else (TOK-06). */
export type IntrospectionAnswer =
  | { readonly active: false }
  | (Readonly<Record<string, string | number | true | { readonly jkt: string }>> & { readonly active: true });

/** Is the token good now, for one of the targets of the service that asks? Asking counts as a use of the grant. */
export async function introspect(
  question: { readonly token: string; readonly asker: ResourceServer },
  options: IntrospectionOptions,
): Promise<IntrospectionAnswer> {
  const now = options.clock.now();
  const token = await verifyGrantToken(question.token, { keys: options.keys, issuer: options.url, now });
  const grant = token && (await options.findGrantByToken(token.tokenId));
  if (!token || !grant || !belongsTogether(token, grant)) return { active: false };
  if (!isGrantUsable(grant, now) || !question.asker.targets.includes(grant.target)) return { active: false };
  await options.recordUse(grant.id);
  return describe(token);
}

function belongsTogether(token: GrantToken, grant: Grant): boolean {
  return token.grantId === grant.id && token.subject === grant.heldBy.subject;
}

function describe(token: GrantToken): IntrospectionAnswer {
  return {
    active: true,
    scope: token.scope,
    client_id: token.clientId,
    token_type: token.keyThumbprint === undefined ? 'Bearer' : 'DPoP',
    iss: token.issuer,
    sub: token.subject,
    aud: token.audience,
    exp: token.expiresAt / SECOND_MS,
    iat: token.issuedAt / SECOND_MS,
    jti: token.tokenId,
    grant_id: token.grantId,
    ...(token.keyThumbprint === undefined ? {} : { cnf: { jkt: token.keyThumbprint } }),
  };
}
