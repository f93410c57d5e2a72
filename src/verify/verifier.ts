import { type Instant, SECOND_MS } from '../core/time.ts';
import { type GrantToken, readKeyId, verifyGrantToken } from '../server/oauth/grant-token.ts';
import { isPlainRecord } from '../server/oauth/json.ts';
import { type Presented, type Refusal, readPresented } from '../server/oauth/presented.ts';
import { verifyProof } from '../server/oauth/proof.ts';
import { createServerKeys } from './keys.ts';
import { createLiveness, type Life, LONGEST_BELIEVED_MS } from './liveness.ts';
import { readOptions, type VerifierOptions } from './options.ts';
import { createProofMemory } from './proofs.ts';
import { buildRefusal, type Refused } from './refusal.ts';
import { followRevocations } from './revocations.ts';
import { createServerCalls } from './server-calls.ts';

/** How much later than this service's clock the server's may be. */
const CLOCK_TOLERANCE_MS = 60 * SECOND_MS;

/** One request, as far as its token is concerned. */
export type IncomingCall = {
  readonly method: string;
  /** The request target as it was sent: a path, nothing decoded. */
  readonly path: string;
  readonly authorization: string | undefined;
  /** The header `DPoP`. */
  readonly proof: string | undefined;
};

export type Wanted = {
  /** The scope that the request needs; none: any token for this service will do. */
  readonly scope?: string;
};

/** Whose request it is, and by which grant. */
export type VerifiedToken = {
  readonly subject: string;
  readonly scopes: readonly string[];
  readonly grantId: string;
  readonly tokenId: string;
  readonly expiresAt: Instant;
  /** Only the holder of its key could send this request. */
  readonly isBound: boolean;
};

export type Verdict = { readonly ok: true; readonly token: VerifiedToken } | Refused;

export type Verifier = {
  /** Never rejects: what cannot be judged is refused with 503. */
  readonly verify: (call: IncomingCall, wanted?: Wanted) => Promise<Verdict>;
  /** Ends the event stream; without `events` there is nothing to end. */
  readonly close: () => void;
};

/** Judges the grant tokens of one jit server for one service. `config_invalid` for options that cannot work. */
export function createVerifier(options: VerifierOptions): Verifier {
  const settings = readOptions(options);
  const { audience, asker, clock, onError } = settings;
  const calls = createServerCalls(settings);
  const keys = createServerKeys({ ...settings, calls });
  const revocations = settings.hasEvents
    ? followRevocations({ calls, clock, onError, rememberMs: 2 * LONGEST_BELIEVED_MS })
    : undefined;
  const ask = async (token: string) =>
    readActive(await calls.read('/oauth/introspect', new URLSearchParams({ token })));
  const findLife = asker
    ? createLiveness({ ...settings, ask, revocations })
    : async (): Promise<Life> => 'live';
  const claimProof = options.claimProof ?? createProofMemory({ clock });

  const readToken = async (text: string): Promise<GrantToken | undefined> => {
    const keyId = readKeyId(text);
    const key = keyId === undefined ? undefined : await keys.find(keyId);
    const now = clock.now();
    const signer = { findPublicKey: () => key };
    const token = await verifyGrantToken(text, { keys: signer, issuer: settings.issuer, now });
    if (token?.audience !== audience || token.issuedAt > now + CLOCK_TOLERANCE_MS) return undefined;
    return token;
  };

  const judge = async (call: IncomingCall, wanted: Wanted): Promise<GrantToken | Refusal> => {
    const presented = readPresented(call.authorization);
    if (!presented) {
      const error = call.authorization === undefined ? 'no_token' : 'invalid_token';
      return { error, scheme: settings.isProofRequired ? 'DPoP' : 'Bearer' };
    }
    const { scheme, token: text } = presented;
    const token = await readToken(text);
    if (!token || !isBroughtRightly(token, presented)) return { error: 'invalid_token', scheme };
    if (settings.isProofRequired && scheme === 'Bearer') return { error: 'invalid_token', scheme };
    if (scheme === 'DPoP' && !(await isProved(call, token, text)))
      return { error: 'invalid_dpop_proof', scheme };
    const life = await findLife({ id: token.tokenId, text });
    if (life !== 'live') return { error: life === 'dead' ? 'invalid_token' : 'unavailable', scheme };
    const isCovered = wanted.scope === undefined || token.scope.split(' ').includes(wanted.scope);
    return isCovered ? token : { error: 'insufficient_scope', scheme };
  };

  const isProved = async (call: IncomingCall, { keyThumbprint }: GrantToken, accessToken: string) => {
    const url = findUrl(settings.url, call.path);
    if (url === undefined) return false;
    const proof = await verifyProof(call.proof ?? '', {
      method: call.method,
      url,
      accessToken,
      now: clock.now(),
    });
    if (!proof || proof.thumbprint !== keyThumbprint) return false;
    return claimProof(`${proof.thumbprint} ${proof.id}`, proof.rememberUntil);
  };

  return {
    verify: async (call, wanted = {}) => {
      const demand = { audience, scope: wanted.scope };
      try {
        const judged = await judge(call, wanted);
        return 'error' in judged ? buildRefusal(judged, demand) : { ok: true, token: describe(judged) };
      } catch (error) {
        onError(error);
        return buildRefusal({ error: 'unavailable', scheme: 'Bearer' }, demand);
      }
    },
    close: () => revocations?.close(),
  };
}

/** A bound token comes with its proof, and only a bound one does (RFC 9449 §7.1). */
function isBroughtRightly(token: GrantToken, { scheme }: Presented): boolean {
  return (token.keyThumbprint !== undefined) === (scheme === 'DPoP');
}

/** Where the request was sent, without its query; undefined where the path is spelt in two ways. */
function findUrl(base: string, target: string): string | undefined {
  const path = target.split('?')[0] ?? '';
  const url = path.startsWith('/') ? base + path : undefined;
  return url !== undefined && URL.parse(url)?.href === url ? url : undefined;
}

function readActive(answer: unknown): boolean {
  if (isPlainRecord(answer) && typeof answer.active === 'boolean') return answer.active;
  throw new TypeError('the server does not say whether the token is active');
}

function describe(token: GrantToken): VerifiedToken {
  const { subject, grantId, tokenId, expiresAt } = token;
  const scopes = token.scope.split(' ');
  return { subject, scopes, grantId, tokenId, expiresAt, isBound: token.keyThumbprint !== undefined };
}
