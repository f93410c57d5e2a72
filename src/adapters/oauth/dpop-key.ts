import type { webcrypto } from 'node:crypto';
import { fail } from '../../core/errors.ts';
import type { Clock } from '../../core/ports/clock.ts';
import { Secret } from '../../core/secret.ts';
import { SECOND_MS } from '../../core/time.ts';
import type { Configuration, CryptoKeyPair, DPoPHandle, OpenidClient } from './openid-client.ts';
import type { ServerTime } from './server-time.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const;

/** A new ES256 key; it leaves the process only as JWK text, into the keychain. */
export function generateDpopKey(client: OpenidClient): Promise<CryptoKeyPair> {
  return client.randomDPoPKeyPair('ES256', { extractable: true });
}

export async function encodeDpopKey(pair: CryptoKeyPair): Promise<Secret> {
  const { kty, crv, x, y, d } = await crypto.subtle.exportKey('jwk', pair.privateKey);
  return new Secret(JSON.stringify({ kty, crv, x, y, d }));
}

/** `keychain_unreadable` for text that is no private key on P-256. */
export async function decodeDpopKey(key: Secret): Promise<CryptoKeyPair> {
  try {
    const { d, ...rest }: webcrypto.JsonWebKey = JSON.parse(key.reveal());
    if (typeof d !== 'string') throw new TypeError('no private part');
    const [privateKey, publicKey] = await Promise.all([
      crypto.subtle.importKey('jwk', { ...rest, d }, ALGORITHM, false, ['sign']),
      crypto.subtle.importKey('jwk', rest, ALGORITHM, true, ['verify']),
    ]);
    return { privateKey, publicKey };
  } catch {
    throw fail('keychain_unreadable', { item: 'session', why: 'its key is damaged' });
  }
}

/** Proofs (RFC 9449 §4) dated by the server's clock, so that a machine whose own is wrong can still log in. */
export function createDpopHandle(options: {
  readonly client: OpenidClient;
  readonly configuration: Configuration;
  readonly pair: CryptoKeyPair;
  readonly clock: Clock;
  readonly serverTime: ServerTime;
}): DPoPHandle {
  const { client, configuration, pair, clock, serverTime } = options;
  return client.getDPoPHandle(configuration, pair, {
    [client.modifyAssertion]: (_header, payload) => {
      payload.iat = Math.floor((clock.now() + serverTime.offsetMs()) / SECOND_MS);
    },
  });
}
