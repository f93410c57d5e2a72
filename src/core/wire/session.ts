import * as v from 'valibot';
import type { StoredSession } from '../ports/session.ts';
import { Secret } from '../secret.ts';

const token = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(16_384),
  v.transform((text) => new Secret(text)),
);
const coordinate = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{43}$/));

/** A P-256 private key as JWK (RFC 7518 §6.2); other members are dropped. */
const privateKey = v.object({
  kty: v.literal('EC'),
  crv: v.literal('P-256'),
  x: coordinate,
  y: coordinate,
  d: coordinate,
});

const sessionDocument = v.pipe(
  v.object({
    version: v.literal(1),
    server: v.pipe(v.string(), v.url(), v.maxLength(2048)),
    name: v.pipe(v.string(), v.maxLength(1024)),
    access_token: token,
    access_expires_at: v.pipe(v.number(), v.safeInteger()),
    refresh_token: token,
    dpop_key: privateKey,
  }),
  v.transform(
    (item): StoredSession => ({
      server: item.server,
      name: item.name,
      accessToken: item.access_token,
      accessExpiresAt: item.access_expires_at,
      refreshToken: item.refresh_token,
      dpopKey: new Secret(JSON.stringify(item.dpop_key)),
    }),
  ),
);

/** Reveals: for the keychain only. */
export function encodeSession(session: StoredSession): Secret {
  const document: v.InferInput<typeof sessionDocument> = {
    version: 1,
    server: session.server,
    name: session.name,
    access_token: session.accessToken.reveal(),
    access_expires_at: session.accessExpiresAt,
    refresh_token: session.refreshToken.reveal(),
    dpop_key: JSON.parse(session.dpopKey.reveal()),
  };
  return new Secret(JSON.stringify(document));
}

/** Undefined for anything that `encodeSession` did not write: truncated, foreign, of another version. */
export function decodeSession(item: Secret): StoredSession | undefined {
  try {
    const parsed = v.safeParse(sessionDocument, JSON.parse(item.reveal()));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}
