import type { Catalogue } from '../core/catalogue.ts';
import { requireTarget } from '../core/catalogue.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { GrantSigner } from '../core/ports/grant-signer.ts';
import { CLIENT_ID } from './oauth/client.ts';
import { signGrantToken } from './oauth/grant-token.ts';
import type { SigningKeys } from './oauth/keys.ts';

export type TokenSignerOptions = {
  readonly url: string;
  readonly clock: Clock;
  readonly keys: SigningKeys;
  readonly catalogue: Catalogue;
};

/** Signs a grant's token for the audience of its target, to the grant's end of today. */
export function createTokenSigner({ url, clock, keys, catalogue }: TokenSignerOptions): GrantSigner {
  return {
    sign: (grant) =>
      signGrantToken(keys, {
        issuer: url,
        subject: grant.heldBy.subject,
        audience: requireTarget(catalogue, grant.target).audience,
        clientId: CLIENT_ID,
        tokenId: grant.tokenId,
        grantId: grant.id,
        digest: grant.digest,
        scope: grant.scopes.join(' '),
        issuedAt: clock.now(),
        expiresAt: grant.expiresAt,
      }),
  };
}
