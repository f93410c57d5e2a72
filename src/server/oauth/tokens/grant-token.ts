import { hash as hashText } from 'node:crypto';
import { compactVerify } from 'jose';
import { TOKEN_ALGORITHMS, type TokenAlgorithm } from '../../../core/catalogue.ts';
import { fail } from '../../../core/errors.ts';
import { LONGEST_GRANT_TOKEN_CHARACTERS } from '../../../core/limits.ts';
import { Secret } from '../../../core/secret.ts';
import { type Instant, SECOND_MS } from '../../../core/time.ts';
import type { TokenTerms } from '../../../core/view.ts';
import { isPlainRecord, parseSoleJson } from '../json.ts';
import { createRecent } from '../recent.ts';
import { type ImportedKey, SIGNING_ALGORITHM, type Signer, type SigningKeys } from './keys.ts';
import { signCompact } from './signatures.ts';

const TYPE = 'at+jwt';
const MOST_TOKENS = 5_000;
const THUMBPRINT = /^[A-Za-z0-9_-]{43}$/;
/** With a signature of ES256, or of RS256 with 2048 bits. */
const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.(?:[A-Za-z0-9_-]{86}|[A-Za-z0-9_-]{342})$/;

/** What a grant token says (RFC 9068 §2.2, and two claims of jit's own: `grant_id` and `digest`). */
export type GrantToken = {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
  readonly clientId: string;
  readonly tokenId: string;
  readonly grantId: string;
  readonly digest: string;
  readonly scope: string;
  readonly issuedAt: Instant;
  readonly expiresAt: Instant;
  /** Of the key that it is bound to (RFC 9449 §6.1); absent in a bearer token. */
  readonly keyThumbprint?: string;
};

/** Signs the token of a grant. Its end is rounded down, so that it never outlives the grant (TOK-04). */
export async function signGrantToken(
  keys: SigningKeys,
  token: GrantToken & { readonly algorithm?: TokenAlgorithm },
): Promise<Secret> {
  const { algorithm = SIGNING_ALGORITHM } = token;
  const signer = requireSigner(keys, algorithm);
  const claims = {
    iss: token.issuer,
    sub: token.subject,
    aud: token.audience,
    client_id: token.clientId,
    iat: Math.floor(token.issuedAt / SECOND_MS),
    exp: Math.floor(token.expiresAt / SECOND_MS),
    jti: token.tokenId,
    scope: token.scope,
    grant_id: token.grantId,
    digest: token.digest,
    ...(token.keyThumbprint === undefined ? {} : { cnf: { jkt: token.keyThumbprint } }),
  };
  const header = { alg: algorithm, typ: TYPE, kid: signer.id };
  return new Secret(await signCompact({ header, claims }, signer.key));
}

function requireSigner(keys: SigningKeys, algorithm: TokenAlgorithm): Signer {
  if (algorithm === SIGNING_ALGORITHM) return { id: keys.currentId, key: keys.currentKey };
  const signer = keys.findSigner(algorithm);
  if (signer) return signer;
  throw fail('failed', { why: `there is no key for ${algorithm}` });
}

/**
 * Reads a token that this server signed; undefined for anything else, and for one past its end (TOK-01). Whether its
 * grant still lives is a question to the store.
 */
export async function verifyGrantToken(
  text: string,
  options: {
    readonly keys: Pick<SigningKeys, 'findPublicKey'>;
    readonly issuer: string;
    readonly now: Instant;
  },
): Promise<GrantToken | undefined> {
  if (text.length > LONGEST_GRANT_TOKEN_CHARACTERS) return undefined;
  const token = await readSigned(text, options.keys);
  const isCurrent = token && token.issuer === options.issuer && options.now < token.expiresAt;
  return isCurrent ? token : undefined;
}

type Signed = { readonly token: GrantToken; readonly keyId: string; readonly key: ImportedKey };

/** Tokens whose signature was found good, by their hash: a service asks about the same one again and again. */
const knownTokens = createRecent<Signed>(MOST_TOKENS);

type PublicKeys = Pick<SigningKeys, 'findPublicKey'>;

async function readSigned(text: string, keys: PublicKeys): Promise<GrantToken | undefined> {
  const hash = hashText('sha256', text, 'base64');
  const known = knownTokens.find(hash);
  // The key is part of the answer: one that was taken back, or is another's with the same name, makes it no answer.
  if (known && known.key === keys.findPublicKey(known.keyId)) return known.token;
  const signed = await verifySignature(text, keys);
  if (signed) knownTokens.keep(hash, signed);
  return signed?.token;
}

async function verifySignature(text: string, keys: PublicKeys): Promise<Signed | undefined> {
  const keyId = COMPACT.test(text) && isCanonical(text) ? readKeyId(text) : undefined;
  const key = keyId === undefined ? undefined : keys.findPublicKey(keyId);
  if (keyId === undefined || !key) return undefined;
  try {
    const { payload } = await compactVerify(text, key, { algorithms: [...TOKEN_ALGORITHMS] });
    const token = decodeClaims(new TextDecoder('utf-8', { fatal: true }).decode(payload));
    return token && { token, keyId, key };
  } catch {
    return undefined;
  }
}

/** What a token says of itself that was signed here just now; null where it is none that says it. */
export function describeSigned(token: Secret): TokenTerms | null {
  const claims = decodeClaims(Buffer.from(token.reveal().split('.')[1] ?? '', 'base64url').toString());
  return claims === undefined ? null : { expiresAt: claims.expiresAt, boundTo: claims.keyThumbprint ?? null };
}

/** Exactly the header that `signGrantToken` writes: no `crit`, `jku`, `jwk`, `x5u`, no other `typ` or `alg`. */
export function readKeyId(text: string): string | undefined {
  const header = parseSoleJson(Buffer.from(text.split('.')[0] ?? '', 'base64url').toString('utf8'));
  if (!isPlainRecord(header) || Object.keys(header).length !== 3) return undefined;
  const { alg, typ, kid } = header;
  const isKnown = TOKEN_ALGORITHMS.some((algorithm) => algorithm === alg);
  return isKnown && typ === TYPE && typeof kid === 'string' ? kid : undefined;
}

/** base64url has several spellings of one value; only the one that an encoder writes is taken. */
function isCanonical(text: string): boolean {
  return text.split('.').every((part) => Buffer.from(part, 'base64url').toString('base64url') === part);
}

function decodeClaims(text: string): GrantToken | undefined {
  const claims = parseSoleJson(text);
  if (!isPlainRecord(claims)) return undefined;
  const { iss, sub, aud, client_id, jti, grant_id, digest, scope, iat, exp, nbf, cnf } = claims;
  const keyThumbprint = cnf === undefined ? null : readThumbprint(cnf);
  // jit never signs a token for later.
  if (keyThumbprint === undefined || nbf !== undefined) return undefined;
  const texts = [iss, sub, aud, client_id, jti, grant_id, digest, scope];
  if (!texts.every((item) => typeof item === 'string' && item !== '')) return undefined;
  if (![iat, exp].every((item) => Number.isSafeInteger(item))) return undefined;
  return {
    issuer: String(iss),
    subject: String(sub),
    audience: String(aud),
    clientId: String(client_id),
    tokenId: String(jti),
    grantId: String(grant_id),
    digest: String(digest),
    scope: String(scope),
    issuedAt: Number(iat) * SECOND_MS,
    expiresAt: Number(exp) * SECOND_MS,
    ...(keyThumbprint === null ? {} : { keyThumbprint }),
  };
}

/** A confirmation that is not understood is none to pass over: undefined refuses the token. */
function readThumbprint(confirmation: unknown): string | undefined {
  if (!isPlainRecord(confirmation) || Object.keys(confirmation).length !== 1) return undefined;
  const { jkt } = confirmation;
  return typeof jkt === 'string' && THUMBPRINT.test(jkt) ? jkt : undefined;
}
