import { LONGEST_GRANT_TOKEN_CHARACTERS } from '../../../core/limits.ts';
import { PROOF_ALGORITHMS } from './proof.ts';

/** A token as it comes to a service (RFC 6750 §2.1, RFC 9449 §7.1). */
export type Presented = { readonly scheme: 'Bearer' | 'DPoP'; readonly token: string };

const AUTHORIZATION = new RegExp(
  `^(Bearer|DPoP) +([A-Za-z0-9._~+/-]{1,${LONGEST_GRANT_TOKEN_CHARACTERS}}=*)$`,
  'i',
);

/** Undefined for no `Authorization`, for one of another scheme, and for what is none. */
export function readPresented(authorization: string | undefined): Presented | undefined {
  const [, scheme = '', token] = AUTHORIZATION.exec(authorization ?? '') ?? [];
  if (token === undefined) return undefined;
  return { scheme: scheme.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer', token };
}

/** Why a service does not go on with a request: RFC 6750 §3.1 and RFC 9449 §7.1 name the errors. */
export type Refusal = {
  /** `no_token`: none was there to be wrong. `unavailable`: nobody could be asked. */
  readonly error: 'no_token' | 'invalid_token' | 'invalid_dpop_proof' | 'insufficient_scope' | 'unavailable';
  readonly scheme: Presented['scheme'];
};

export const REFUSAL_STATUS = {
  no_token: 401,
  invalid_token: 401,
  invalid_dpop_proof: 401,
  insufficient_scope: 403,
  unavailable: 503,
} as const satisfies Readonly<Record<Refusal['error'], number>>;

export type Demand = { readonly audience: string; readonly scope: string | undefined };

/**
 * The challenge for a refusal, of both ways of bringing a token: which one is right says the token. Undefined where
 * another token would not help.
 */
export function buildTokenChallenge({ error, scheme }: Refusal, demand: Demand): string | undefined {
  if (error === 'unavailable') return undefined;
  const what = {
    ...(error === 'no_token' ? {} : { error }),
    ...(demand.scope === undefined ? {} : { scope: demand.scope }),
  };
  const realm = { realm: demand.audience };
  const algs = { algs: PROOF_ALGORITHMS.join(' ') };
  return [
    `Bearer ${formatParameters({ ...realm, ...(scheme === 'Bearer' ? what : {}) })}`,
    `DPoP ${formatParameters({ ...realm, ...algs, ...(scheme === 'DPoP' ? what : {}) })}`,
  ].join(', ');
}

function formatParameters(parameters: Readonly<Record<string, string>>): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name}="${value.replaceAll(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, '')}"`)
    .join(', ');
}
