/**
 * What a public key verifies, of tokens that others sign. HMAC is none of it: a secret that both sides know, a client's say,
 * is no key here.
 */
export const PUBLIC_KEY_ALGORITHMS: readonly string[] = [
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
  'PS256',
  'PS384',
  'PS512',
  'RS256',
  'RS384',
  'RS512',
];
