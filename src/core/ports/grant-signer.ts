import type { Grant } from '../grant.ts';
import type { Secret } from '../secret.ts';

/**
 * Signs the token of a grant (RFC 9068). The same grant always gives the same `jti`, with the grant's end of today or an
 * earlier one, where its target says so. `keyThumbprint` (RFC 7638) is of the key that its holder proved: MUST be given
 * where the target's tokens are bound, else `failed`.
 */
export interface GrantSigner {
  sign(grant: Grant, keyThumbprint?: string): Promise<Secret>;
}
