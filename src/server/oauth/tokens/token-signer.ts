import type { Catalogue } from '../../../core/catalogue.ts';
import { requireTarget } from '../../../core/catalogue.ts';
import { fail } from '../../../core/errors.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import type { GrantSigner } from '../../../core/ports/grant-signer.ts';
import { type Instant, SECOND_MS } from '../../../core/time.ts';
import { CLIENT_ID } from '../client.ts';
import { signGrantToken } from './grant-token.ts';
import type { SigningKeys } from './keys.ts';

export type TokenSignerOptions = {
  readonly url: string;
  readonly clock: Clock;
  readonly keys: SigningKeys;
  readonly catalogue: Catalogue;
};

/** Signs a grant's token for the audience of its target, to the grant's end of today or the target's `token_ttl`. */
export function createTokenSigner({ url, clock, keys, catalogue }: TokenSignerOptions): GrantSigner {
  return {
    sign: async (grant, keyThumbprint) => {
      const { audience, tokenSeconds, isBound, algorithm } = requireTarget(catalogue, grant.target);
      const now = clock.now();
      return signGrantToken(keys, {
        issuer: url,
        subject: grant.heldBy.subject,
        audience,
        clientId: CLIENT_ID,
        tokenId: grant.tokenId,
        grantId: grant.id,
        digest: grant.digest,
        scope: grant.scopes.join(' '),
        issuedAt: now,
        expiresAt: findEnd(grant.expiresAt, tokenSeconds, now),
        ...(isBound ? { keyThumbprint: requireKey(keyThumbprint) } : {}),
        ...(algorithm ? { algorithm } : {}),
      });
    },
  };
}

function findEnd(grantEndsAt: Instant, tokenSeconds: number | null | undefined, now: Instant): Instant {
  return tokenSeconds == null ? grantEndsAt : Math.min(grantEndsAt, now + tokenSeconds * SECOND_MS);
}

/** Without a key it would be the bearer token that the target does not take. */
function requireKey(keyThumbprint: string | undefined): string {
  if (keyThumbprint !== undefined) return keyThumbprint;
  throw fail('failed', { why: 'a bound token needs the key of its holder' });
}
