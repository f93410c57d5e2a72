import { fail } from '../core/errors.ts';
import { LONGEST_ACCESS_TOKEN_CHARACTERS } from '../core/limits.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { ProtocolStore } from '../core/ports/protocol-store.ts';
import type { Login, Principal } from '../core/principal.ts';
import type { LoginDemand } from '../core/step-up.ts';
import { type Instant, SECOND_MS } from '../core/time.ts';
import { WORKLOAD_GRANT } from './oauth/client.ts';
import { isPlainRecord } from './oauth/json.ts';
import type { Identity } from './oauth/login/identity.ts';
import { RESOURCE_METADATA_PATH } from './oauth/resource-metadata.ts';
import { PROOF_ALGORITHMS, verifyProof } from './oauth/tokens/proof.ts';

/** Who is asking, how they logged in, and with which session. */
export type Authenticated = {
  readonly principal: Principal;
  readonly login: Login;
  readonly sessionId: string;
  /** Of the key that the session is bound to (RFC 7638). */
  readonly keyThumbprint: string;
};

/** The parts of a request to `/v1` that prove who sent it. */
export type AuthenticationRequest = {
  readonly method: string;
  /** The request target as it was sent, nothing decoded (RFC 9112 §3.2.1). */
  readonly target: string;
  readonly authorization: string | undefined;
  readonly proof: string | undefined;
};

export type AuthenticationOptions = {
  readonly url: string;
  readonly protocol: ProtocolStore;
  readonly clock: Clock;
  readonly identity: Identity;
};

export type Authenticate = (request: AuthenticationRequest) => Promise<Authenticated>;

const SCHEME = new RegExp(`^DPoP +([A-Za-z0-9_-]{20,${LONGEST_ACCESS_TOKEN_CHARACTERS}})$`, 'i');

/** The one challenge for every refusal (RFC 9449 §7.1): it does not say which part was wrong. */
export function buildChallenge(url: string): string {
  const metadata = `${url}${RESOURCE_METADATA_PATH}/v1`;
  return `DPoP realm="jit", algs="${PROOF_ALGORITHMS.join(' ')}", resource_metadata="${metadata}"`;
}

/** Says which login would do (RFC 9470 §3): a client asks for one like that, and comes again. */
export function buildStepUpChallenge(url: string, { maxAgeSeconds, strengths }: LoginDemand): string {
  const age = maxAgeSeconds === null ? [] : [`max_age=${maxAgeSeconds}`];
  // Whatever a rule calls a strength: it must not end the quotes.
  const values = strengths.map((strength) => strength.replaceAll(/[^\x21\x23-\x5b\x5d-\x7e]/g, ''));
  const strength = values.length === 0 ? [] : [`acr_values="${values.join(' ')}"`];
  const why = 'error="insufficient_user_authentication"';
  return [buildChallenge(url), why, ...age, ...strength].join(', ');
}

/**
 * Makes the check in front of `/v1`: a DPoP-bound access token with a fresh proof by its key, for this request, used
 * once (RFC 9449 §7). Throws `login_needed` when nothing was presented and `session_expired` for everything that does
 * not hold. Groups are looked up now; a token has none.
 */
export function createAuthenticate(options: AuthenticationOptions): Authenticate {
  return async (request) => {
    if (!request.authorization) throw fail('login_needed', { server: options.url });
    const token = SCHEME.exec(request.authorization)?.[1];
    const found = token && (await findSession(token, options));
    if (!found || !(await claimProof({ request, token, thumbprint: found.keyThumbprint }, options))) {
      throw fail('session_expired', { server: options.url });
    }
    return found;
  };
}

/** Makes the reader of the session behind an `Authorization` that was proved before: undefined once it has ended. */
export function createSessionReader(
  options: AuthenticationOptions,
): (authorization: string | undefined) => Promise<Authenticated | undefined> {
  return async (authorization = '') => {
    const token = SCHEME.exec(authorization)?.[1];
    return token ? findSession(token, options) : undefined;
  };
}

/** Makes the check, at the end of a call, that the session it came with was not ended meanwhile. */
export function createSessionCheck({
  protocol,
  identity,
}: Pick<AuthenticationOptions, 'protocol' | 'identity'>): (caller: Authenticated) => Promise<boolean> {
  return async ({ sessionId, principal }) => {
    const found = [protocol.find('Grant', sessionId), identity.find(principal.subject)];
    return (await Promise.all(found)).every((one) => one !== undefined);
  };
}

/** The session of an access token, as long as it lasts: the token alone may be a remnant of one that was ended. */
async function findSession(
  token: string,
  options: AuthenticationOptions,
): Promise<Authenticated | undefined> {
  const { protocol, clock, identity } = options;
  const entry = await protocol.find('AccessToken', token);
  if (!entry) return undefined;
  const { payload, expiresAt } = entry;
  const { accountId, grantId, jkt } = payload;
  if (typeof accountId !== 'string' || typeof grantId !== 'string' || typeof jkt !== 'string')
    return undefined;
  // Its `exp` is by the clock of whichever host gave it out.
  if (expiresAt === null || clock.now() >= expiresAt) return undefined;
  const [grant, principal] = await Promise.all([protocol.find('Grant', grantId), identity.find(accountId)]);
  if (!grant || !principal) return undefined;
  return { principal, login: readLogin(payload), sessionId: grantId, keyThumbprint: jkt };
}

/** A workload proves who it is with every token; what a person's refreshed token says is from their login. */
function readLogin(payload: Readonly<Record<string, unknown>>): Login {
  const [began] = String(payload.gty).split(' ');
  if (began === WORKLOAD_GRANT)
    return { method: 'workload', at: Number(payload.iat) * SECOND_MS, strengths: [] };
  const method = began === 'device_code' ? 'device' : 'browser';
  return { method, at: readAuthTime(payload), strengths: readStrengths(payload) };
}

/** A token that does not say when its person logged in counts as very old: policy may then ask for a new login. */
function readAuthTime({ extra }: Readonly<Record<string, unknown>>): Instant {
  const seconds = isPlainRecord(extra) ? extra.auth_time : undefined;
  return typeof seconds === 'number' ? seconds * SECOND_MS : 0;
}

/** What the person proved it with: `acr` and `amr` values, one beside the other. */
function readStrengths({ extra }: Readonly<Record<string, unknown>>): readonly string[] {
  const values = isPlainRecord(extra) && Array.isArray(extra.amr) ? extra.amr : [];
  return values.filter((value) => typeof value === 'string');
}

async function claimProof(
  presented: {
    readonly request: AuthenticationRequest;
    readonly token: string;
    readonly thumbprint: string;
  },
  { url, protocol, clock }: AuthenticationOptions,
): Promise<boolean> {
  const { request, token, thumbprint } = presented;
  const path = readPlainPath(request.target, url);
  if (path === undefined) return false;
  const demand = {
    method: request.method,
    url: `${url}${path}`,
    accessToken: token,
    now: clock.now(),
  };
  const proof = await verifyProof(request.proof ?? '', demand);
  if (!proof || proof.thumbprint !== thumbprint) return false;
  const id = `${proof.thumbprint} ${proof.id}`;
  return protocol.insertOnce({
    kind: 'ReplayDetection',
    id,
    expiresAt: proof.rememberUntil,
    isBrief: true,
  });
}

/** The path of a request target, where it is spelt as it is meant: `/v1/x/%2e%2e/me` would take a proof for `/v1/me`. */
function readPlainPath(target: string, url: string): string | undefined {
  const path = target.split('?')[0] ?? '';
  return URL.parse(url + path)?.pathname === path ? path : undefined;
}
