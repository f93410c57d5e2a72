import { JitError } from '../../core/errors.ts';
import type { LoginDemand } from '../../core/step-up.ts';
import { readDemand } from './login-demand.ts';

/** An OAuth error, and the login that is wanted instead (RFC 9470 §3) where it says which. */
export type Refusal = {
  readonly error: string;
  readonly description: string;
  readonly demand?: LoginDemand | undefined;
};

/** What an OAuth exchange that gave no tokens means, before anyone decides what to do about it. */
export type Trouble =
  /** The server answered with an OAuth error (RFC 6749 §5.2, RFC 8628 §3.5). */
  | ({ readonly kind: 'refused' } & Refusal)
  /** No whole answer, or one that says to come back later. */
  | { readonly kind: 'away'; readonly why: string; readonly known?: JitError }
  /** Already an error of jit's: interrupted, insecure, unreadable. */
  | { readonly kind: 'known'; readonly known: JitError }
  /** Anything else that was answered. */
  | { readonly kind: 'nonsense'; readonly why: string };

const REASONS: Readonly<Record<string, string>> = {
  OAUTH_RESPONSE_IS_NOT_JSON: 'it is not JSON',
  OAUTH_PARSE_ERROR: 'it is not JSON',
  OAUTH_INVALID_RESPONSE: 'a required member is missing or wrong',
  OAUTH_RESPONSE_IS_NOT_CONFORM: 'its status is not one that OAuth knows',
  OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED: 'its metadata names another issuer',
  OAUTH_MISSING_SERVER_METADATA: 'its metadata lacks an endpoint',
  OAUTH_INVALID_SERVER_METADATA: 'its metadata has an endpoint that is no address',
  OAUTH_HTTP_REQUEST_FORBIDDEN: 'its metadata has an endpoint that is not https',
  OAUTH_JWT_TIMESTAMP_CHECK_FAILED: 'its times do not fit the clock of this machine',
};

/** Judges what the OAuth library threw, by its codes and the chain of causes. */
export function judgeError(error: unknown): Trouble {
  const chain = listCauses(error);
  const known = chain.find((item) => item instanceof JitError);
  if (known)
    return known.code === 'unreachable' ? { kind: 'away', why: '', known } : { kind: 'known', known };
  return findRefusal(chain) ?? findAbsence(chain) ?? { kind: 'nonsense', why: describe(chain) };
}

function listCauses(error: unknown): readonly unknown[] {
  const chain: unknown[] = [];
  for (let item = error; item !== undefined && chain.length < 8; ) {
    chain.push(item);
    item = item instanceof Error ? item.cause : undefined;
  }
  return chain;
}

function findRefusal(chain: readonly unknown[]): Trouble | undefined {
  for (const item of chain) {
    if (!(item instanceof Error) || !('code' in item)) continue;
    if (item.code === 'OAUTH_RESPONSE_BODY_ERROR') return readBodyError(item.cause);
    if (item.code === 'OAUTH_WWW_AUTHENTICATE_CHALLENGE') return readChallenge(item.cause);
  }
  return undefined;
}

function readBodyError(body: unknown): Trouble {
  return {
    kind: 'refused',
    error: readText(body, 'error'),
    description: readText(body, 'error_description'),
    demand: readDemand((name) => readMember(body, name)),
  };
}

function readChallenge(challenges: unknown): Trouble {
  const parameters = Array.isArray(challenges) ? challenges.map((item) => item?.parameters) : [];
  const found = parameters.find((item) => readText(item, 'error') !== '');
  return {
    kind: 'refused',
    error: readText(found, 'error') || 'invalid_client',
    description: readText(found, 'error_description'),
    demand: readDemand((name) => readMember(found, name)),
  };
}

function findAbsence(chain: readonly unknown[]): Trouble | undefined {
  for (const item of chain) {
    if (item instanceof Response && (item.status >= 500 || item.status === 429)) {
      return { kind: 'away', why: `HTTP ${item.status}` };
    }
    if (item instanceof Error && 'code' in item && item.code === 'OAUTH_TIMEOUT') {
      return { kind: 'away', why: 'timed out' };
    }
  }
  return undefined;
}

function describe(chain: readonly unknown[]): string {
  for (const item of chain) {
    const code = item instanceof Error && 'code' in item ? String(item.code) : '';
    const words = REASONS[code];
    if (words) return words;
  }
  return 'it is not an OAuth answer';
}

function readText(value: unknown, name: string): string {
  const text = readMember(value, name);
  return typeof text === 'string' ? text.slice(0, 200) : '';
}

function readMember(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}
