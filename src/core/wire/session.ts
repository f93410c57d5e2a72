import * as v from 'valibot';
import type { LoginWay, StoredSession } from '../ports/session.ts';
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

const common = {
  version: v.literal(1),
  server: v.pipe(v.string(), v.url(), v.maxLength(2048)),
  issuer: v.optional(v.pipe(v.string(), v.maxLength(2048))),
  name: v.pipe(v.string(), v.maxLength(1024)),
  logged_in_at: v.optional(v.pipe(v.number(), v.safeInteger())),
  access_token: token,
  access_expires_at: v.pipe(v.number(), v.safeInteger()),
  dpop_key: privateKey,
};

/** A session from before there were several ways says nothing of its way: it was a device login. */
const sessionDocument = v.union([
  v.object({ ...common, way: v.optional(v.picklist(['device', 'browser']), 'device'), refresh_token: token }),
  v.object({
    ...common,
    way: v.literal('workload'),
    workload_token_file: v.pipe(v.string(), v.minLength(1), v.maxLength(4096)),
  }),
]);

type SessionDocument = v.InferInput<typeof sessionDocument>;

/** Reveals: for the keychain only. */
export function encodeSession(session: StoredSession): Secret {
  const { way, refreshToken } = session;
  const common = {
    version: 1,
    server: session.server,
    ...(session.issuer === undefined ? {} : { issuer: session.issuer }),
    name: session.name,
    ...(session.loggedInAt === undefined ? {} : { logged_in_at: session.loggedInAt }),
    access_token: session.accessToken.reveal(),
    access_expires_at: session.accessExpiresAt,
    dpop_key: JSON.parse(session.dpopKey.reveal()),
  } as const;
  const document: SessionDocument =
    way.kind === 'workload'
      ? { ...common, way: 'workload', workload_token_file: way.tokenFile }
      : { ...common, way: way.kind, refresh_token: refreshToken?.reveal() ?? '' };
  return new Secret(JSON.stringify(document));
}

/** Undefined for anything that `encodeSession` did not write: truncated, foreign, of another version. */
export function decodeSession(item: Secret): StoredSession | undefined {
  try {
    const parsed = v.safeParse(sessionDocument, JSON.parse(item.reveal()));
    return parsed.success ? buildSession(parsed.output) : undefined;
  } catch {
    return undefined;
  }
}

function buildSession(item: v.InferOutput<typeof sessionDocument>): StoredSession {
  const way: LoginWay =
    item.way === 'workload' ? { kind: 'workload', tokenFile: item.workload_token_file } : { kind: item.way };
  return {
    server: item.server,
    ...(item.issuer === undefined ? {} : { issuer: item.issuer }),
    name: item.name,
    way,
    ...(item.logged_in_at === undefined ? {} : { loggedInAt: item.logged_in_at }),
    accessToken: item.access_token,
    accessExpiresAt: item.access_expires_at,
    refreshToken: item.way === 'workload' ? null : item.refresh_token,
    dpopKey: new Secret(JSON.stringify(item.dpop_key)),
  };
}
