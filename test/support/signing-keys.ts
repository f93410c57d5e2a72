import type { JWK } from 'jose';
import type { TokenAlgorithm } from '../../src/core/catalogue.ts';
import type { Secret } from '../../src/core/secret.ts';
import { openKeyKeeper } from '../../src/server/keys/keeper.ts';
import { makeJwk } from '../../src/server/keys/kept-keys.ts';
import { chooseKeys, openKey, type SigningKeys } from '../../src/server/oauth/tokens/keys.ts';
import { createFakeClock } from './fakes/fake-clock.ts';

/** A new key; its id is its thumbprint (RFC 7638). */
export function makeSigningKey(algorithm: TokenAlgorithm = 'ES256'): Promise<JWK> {
  return makeJwk(algorithm);
}

/** These keys and no others, without end: the first one signs. A new one where none is given. */
export async function openSigningKeys(...jwks: readonly JWK[]): Promise<SigningKeys> {
  const all = jwks.length > 0 ? jwks : [await makeSigningKey()];
  const ring = all.map((jwk) =>
    openKey({ id: jwk.kid ?? '', madeAt: null, signsFrom: 0, verifiesUntil: null, jwk }),
  );
  return chooseKeys([await Promise.all(ring)], 0);
}

/** The keys as a server opens them that starts with these settings, and adds to them. */
export async function openKeptKeys(settings: Map<string, string>, secret: Secret) {
  const store = {
    readSetting: async (name: string, make: () => Promise<string>) => {
      const value = settings.get(name) ?? (await make());
      settings.set(name, value);
      return value;
    },
  };
  const onError = (error: unknown): never => {
    throw error;
  };
  const keeper = await openKeyKeeper({ store, secret, clock: createFakeClock(0), onError });
  return { ...keeper, [Symbol.asyncDispose]: keeper.stop };
}
