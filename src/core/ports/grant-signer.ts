import type { Grant } from '../grant.ts';
import type { Secret } from '../secret.ts';

/** Signs the token of a grant (RFC 9068). The same grant always gives the same `jti`, with the grant's end of today. */
export interface GrantSigner {
  sign(grant: Grant): Promise<Secret>;
}
