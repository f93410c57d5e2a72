import {
  createHash,
  createPrivateKey,
  type KeyObject,
  randomUUID,
  sign as signBytes,
  type webcrypto,
} from 'node:crypto';
import { fail } from '../../core/errors.ts';
import type { SignProof, StoredSession } from '../../core/ports/session.ts';
import { Secret } from '../../core/secret.ts';
import { type Instant, SECOND_MS } from '../../core/time.ts';

export type CallProofOrder = {
  readonly method: string;
  readonly url: URL;
  readonly at: Instant;
  readonly nonce: string | undefined;
};

/**
 * Signs one DPoP proof (RFC 9449 §4.2) over the session's key and access token. By hand, on Node's own crypto: the OAuth
 * library would take longer to load than the whole call takes.
 */
export function signProof(session: StoredSession, order: CallProofOrder): string {
  return sign(readKey(session.dpopKey), { ...order, token: session.accessToken });
}

/** Signs one DPoP proof over a grant's token, for the service that takes it; says which key signed. */
export const signTokenProof: SignProof = async ({ key, ...order }) => {
  const pair = readKey(key);
  const { crv, kty, x, y } = pair.publicJwk;
  const thumbprint = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
  return { proof: new Secret(sign(pair, { ...order, nonce: undefined })), thumbprint };
};

function sign(
  { privateKey, publicJwk }: KeyPair,
  order: CallProofOrder & { readonly token: Secret },
): string {
  const payload = {
    jti: randomUUID(),
    htm: order.method,
    htu: order.url.origin + order.url.pathname,
    iat: Math.floor(order.at / SECOND_MS),
    ath: createHash('sha256').update(order.token.reveal()).digest('base64url'),
    ...(order.nonce === undefined ? {} : { nonce: order.nonce }),
  };
  const input = `${encode({ typ: 'dpop+jwt', alg: 'ES256', jwk: publicJwk })}.${encode(payload)}`;
  const signature = signBytes('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

type PublicJwk = Readonly<Record<'kty' | 'crv' | 'x' | 'y', string | undefined>>;
type KeyPair = { readonly privateKey: KeyObject; readonly publicJwk: PublicJwk };

function readKey(key: Secret): KeyPair {
  try {
    const jwk: webcrypto.JsonWebKey = JSON.parse(key.reveal());
    const { kty, crv, x, y } = jwk;
    return {
      privateKey: createPrivateKey({ key: { ...jwk }, format: 'jwk' }),
      publicJwk: { kty, crv, x, y },
    };
  } catch {
    // No cause: an error about a key may quote it.
    throw fail('keychain_unreadable', { item: 'session', why: 'its key is damaged' });
  }
}
