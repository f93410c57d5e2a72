import { generateKeyPairSync } from 'node:crypto';
import type { StoredSession } from '../../../src/core/ports/session.ts';
import { Secret } from '../../../src/core/secret.ts';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const { kty, crv, x, y, d } = privateKey.export({ format: 'jwk' });

/** The text of a real private key, made for this run. */
export const KEY_TEXT = JSON.stringify({ kty, crv, x, y, d });

export function buildSession(parts: Partial<StoredSession> = {}): StoredSession {
  return {
    server: 'https://jit.example.com',
    name: 'dev',
    way: { kind: 'device' },
    accessToken: new Secret('access-0'),
    accessExpiresAt: 0,
    refreshToken: new Secret('refresh-0'),
    dpopKey: new Secret(KEY_TEXT),
    ...parts,
  };
}

export type FakeAuthorization = {
  refresh(session: StoredSession): Promise<StoredSession>;
  /** How many refreshes have begun. */
  readonly refreshes: number;
};

/** Gives access tokens `access-1`, `access-2`, … that last until `expiresAt`; `meanwhile` happens while it answers. */
export function createFakeAuthorization(options: {
  readonly expiresAt: number;
  readonly meanwhile?: () => Promise<void>;
}): FakeAuthorization {
  let refreshes = 0;
  return {
    get refreshes() {
      return refreshes;
    },
    refresh: async (session) => {
      refreshes += 1;
      const accessToken = new Secret(`access-${refreshes}`);
      await new Promise((resolve) => setImmediate(resolve));
      await options.meanwhile?.();
      return { ...session, accessToken, accessExpiresAt: options.expiresAt };
    },
  };
}
