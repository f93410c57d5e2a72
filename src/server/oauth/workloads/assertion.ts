import { createHash } from 'node:crypto';
import type { WorkloadRule } from '../../../core/config.ts';
import { PUBLIC_KEY_ALGORITHMS } from '../../../core/key-algorithms.ts';
import {
  ASSERTION_TOLERANCE_SECONDS,
  LONGEST_ASSERTION_CHARACTERS,
  LONGEST_ASSERTION_ID_CHARACTERS,
  LONGEST_ASSERTION_SECONDS,
} from '../../../core/limits.ts';
import { type Instant, SECOND_MS } from '../../../core/time.ts';
import { parseStrictJson } from '../../http/strict-json.ts';
import { isPlainRecord, type PlainRecord } from '../json.ts';

const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
/** Headers that bring a key along, or say where one is: the keys are the issuer's, and nobody else's. */
const FOREIGN_KEYS = ['jwk', 'jku', 'x5c', 'x5u'];

/** A token as it was read: nothing of it is believed before its signature was looked at. */
export type Assertion = {
  readonly header: { readonly alg: string; readonly kid?: string };
  readonly claims: PlainRecord;
  readonly issuer: string;
  readonly audience: string;
  /** What tells it from every other token of the issuer. */
  readonly id: string;
};

/** Reads a JSON Web Token (RFC 7519) of an issuer for one audience; undefined for everything that is not clearly one. */
export function decodeAssertion(text: string): Assertion | undefined {
  if (text.length > LONGEST_ASSERTION_CHARACTERS || !COMPACT.test(text) || !isCanonical(text))
    return undefined;
  const [first = '', second = ''] = text.split('.');
  const header = readHeader(decodePart(first));
  const claims = decodePart(second);
  const audience = claims && readAudience(claims.aud);
  if (!header || !claims || typeof claims.iss !== 'string' || audience === undefined) return undefined;
  const id = readId(claims.jti, `${first}.${second}`);
  return id === undefined ? undefined : { header, claims, issuer: claims.iss, audience, id };
}

/** base64url has several spellings of one value; only the one that an encoder writes is taken. */
function isCanonical(text: string): boolean {
  return text.split('.').every((part) => Buffer.from(part, 'base64url').toString('base64url') === part);
}

function decodePart(part: string): PlainRecord | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      Buffer.from(part, 'base64url'),
    );
    const value = parseStrictJson(text);
    return isPlainRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function readHeader(header: PlainRecord | undefined): Assertion['header'] | undefined {
  if (!header || 'crit' in header || FOREIGN_KEYS.some((name) => name in header)) return undefined;
  const { alg, typ, kid } = header;
  const isJwt = typ === undefined || (typeof typ === 'string' && typ.toLowerCase() === 'jwt');
  if (!isJwt || typeof alg !== 'string' || !PUBLIC_KEY_ALGORITHMS.some((name) => name === alg))
    return undefined;
  if (kid === undefined) return { alg };
  return typeof kid === 'string' && kid.length <= LONGEST_ASSERTION_ID_CHARACTERS ? { alg, kid } : undefined;
}

/** One audience: what is meant for others too could be sent here by one of them. */
function readAudience(value: unknown): string | undefined {
  const sole: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
  return typeof sole === 'string' ? sole : undefined;
}

/** The issuer's own name for it, where there is one; the signature is no part of it, because it can be written anew. */
function readId(jti: unknown, signed: string): string | undefined {
  if (jti === undefined) return `sha256 ${createHash('sha256').update(signed).digest('base64url')}`;
  return typeof jti === 'string' && jti !== '' && jti.length <= LONGEST_ASSERTION_ID_CHARACTERS
    ? `jti ${jti}`
    : undefined;
}

/** Until when it is good, or what is wrong with its times, in words for whoever holds it. */
export function judgeTimes(claims: PlainRecord, now: Instant): { readonly expiresAt: Instant } | string {
  const { exp, iat, nbf } = claims;
  const times = nbf === undefined ? [exp, iat] : [exp, iat, nbf];
  if (!times.every((time) => Number.isSafeInteger(time))) return 'its times are missing, or no whole seconds';
  const latest = now + ASSERTION_TOLERANCE_SECONDS * SECOND_MS;
  const expiresAt = Number(exp) * SECOND_MS;
  const lifeSeconds = Number(exp) - Number(iat);
  if (now >= expiresAt) return 'it has expired';
  if (Number(iat) * SECOND_MS > latest || Number(nbf ?? 0) * SECOND_MS > latest) return 'it is not valid yet';
  if (lifeSeconds > LONGEST_ASSERTION_SECONDS) return 'it lives longer than a day';
  return { expiresAt };
}

/** The one rule that it fits, claim by claim. Two would leave open who it is. */
export function findRule(
  rules: readonly WorkloadRule[],
  { issuer, audience, claims }: Pick<Assertion, 'issuer' | 'audience' | 'claims'>,
): WorkloadRule | undefined {
  const fitting = rules.filter(
    (rule) =>
      rule.issuer === issuer &&
      rule.audience === audience &&
      Object.entries(rule.claims).every(
        ([name, value]) => Object.hasOwn(claims, name) && claims[name] === value,
      ),
  );
  return fitting.length === 1 ? fitting[0] : undefined;
}
