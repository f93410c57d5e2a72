import { type Instant, SECOND_MS } from '../core/time.ts';
import { type GrantToken, readKeyId, verifyGrantToken } from '../server/oauth/tokens/grant-token.ts';
import { type Presented, type Refusal, readPresented } from '../server/oauth/tokens/presented.ts';
import { verifyProof } from '../server/oauth/tokens/proof.ts';
import type { ServerKeys } from './keys.ts';
import type { Life } from './liveness.ts';
import type { Settings } from './options.ts';

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

export type JudgeParts = Pick<Settings, 'issuer' | 'audience' | 'url' | 'isProofRequired' | 'clock'> & {
  readonly keys: ServerKeys;
  readonly findLife: (token: { readonly id: string; readonly text: string }) => Promise<Life>;
  /** False for a proof that was used before. */
  readonly claimProof: (id: string, until: Instant) => Promise<boolean>;
};

/** The token of a request that may go on, or why it may not. Rejects where nobody can say. */
export async function judge(
  parts: JudgeParts,
  call: IncomingCall,
  scope: string | undefined,
): Promise<GrantToken | Refusal> {
  const presented = readPresented(call.authorization);
  if (!presented) return describeMissing(parts, call);
  const { scheme, token: text } = presented;
  const token = await readToken(parts, text);
  if (!token || !isBroughtRightly(parts, { token, presented })) return { error: 'invalid_token', scheme };
  if (scheme === 'DPoP' && !(await isProved(parts, { call, token, text })))
    return { error: 'invalid_dpop_proof', scheme };
  const life = await parts.findLife({ id: token.tokenId, text });
  if (life !== 'live') return { error: life === 'dead' ? 'invalid_token' : 'unavailable', scheme };
  const isCovered = scope === undefined || token.scope.split(' ').includes(scope);
  return isCovered ? token : { error: 'insufficient_scope', scheme };
}

function describeMissing({ isProofRequired }: JudgeParts, { authorization }: IncomingCall): Refusal {
  const error = authorization === undefined ? 'no_token' : 'invalid_token';
  return { error, scheme: isProofRequired ? 'DPoP' : 'Bearer' };
}

async function readToken(parts: JudgeParts, text: string): Promise<GrantToken | undefined> {
  const keyId = readKeyId(text);
  const key = keyId === undefined ? undefined : await parts.keys.find(keyId);
  const now = parts.clock.now();
  const keys = { findPublicKey: () => key };
  const token = await verifyGrantToken(text, { keys, issuer: parts.issuer, now });
  if (token?.audience !== parts.audience || token.issuedAt > now + CLOCK_TOLERANCE_MS) return undefined;
  return token;
}

/** A bound token comes with its proof, and only a bound one does (RFC 9449 §7.1). */
function isBroughtRightly(
  { isProofRequired }: JudgeParts,
  { token, presented }: { readonly token: GrantToken; readonly presented: Presented },
): boolean {
  const isBound = token.keyThumbprint !== undefined;
  return isBound === (presented.scheme === 'DPoP') && (isBound || !isProofRequired);
}

type Brought = { readonly call: IncomingCall; readonly token: GrantToken; readonly text: string };

async function isProved(parts: JudgeParts, { call, token, text }: Brought): Promise<boolean> {
  const url = findUrl(parts.url, call.path);
  if (url === undefined) return false;
  const demand = { method: call.method, url, accessToken: text, now: parts.clock.now() };
  const proof = await verifyProof(call.proof ?? '', demand);
  if (!proof || proof.thumbprint !== token.keyThumbprint) return false;
  return parts.claimProof(`${proof.thumbprint} ${proof.id}`, proof.rememberUntil);
}

/** Where the request was sent, without its query; undefined where the path is spelt in two ways. */
function findUrl(base: string, target: string): string | undefined {
  const path = target.split('?')[0] ?? '';
  const url = path.startsWith('/') ? base + path : undefined;
  return url !== undefined && URL.parse(url)?.href === url ? url : undefined;
}
