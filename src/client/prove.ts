import { fail } from '../core/errors.ts';
import type { HeldGrant } from '../core/ports/local-state.ts';
import type { Secret } from '../core/secret.ts';
import { requireSecret } from './exec.ts';
import type { LoginParts } from './login.ts';
import { renewToken } from './renew-token.ts';

/** The one request that the proof is for. */
export type ProofWanted = { readonly method: string; readonly url: URL };

/** A bound token and a proof for one request (RFC 9449 §7.1): good once, for about a minute. */
export type Proved = { readonly token: Secret; readonly proof: Secret };

/** `usage` where the grant's token is a bearer token: a proof would say nothing. */
export async function prove(parts: LoginParts, held: HeldGrant, wanted: ProofWanted): Promise<Proved> {
  const secret = await requireSecret(parts, held);
  if (!secret.terms?.boundTo)
    throw fail('usage', {
      why: `the tokens of ${held.view.target} are bearer tokens, which need no --proof`,
    });
  const { dpopKey: key } = (await parts.sessions.peek()) ?? (await parts.sessions.read());
  const at = parts.clock.now() + parts.skewMs();
  const sign = (token: Secret) => parts.signProof({ ...wanted, key, token, at });
  const signed = await sign(secret.token);
  if (signed.thumbprint === secret.terms.boundTo) return { token: secret.token, proof: signed.proof };
  // Somebody logged in again since: the next token is bound to the key of that login.
  const { token } = await renewToken(parts, held, ({ terms }) => terms?.boundTo === signed.thumbprint);
  return { token, proof: (await sign(token)).proof };
}
