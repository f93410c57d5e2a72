import { createHmac, randomBytes } from 'node:crypto';
import { COMPANY_LOGIN_SECONDS, LONGEST_COMPANY_STATE_CHARACTERS } from '../../../core/limits.ts';
import type { CompanyLoginKeys } from '../../../core/ports/company.ts';
import type { Secret } from '../../../core/secret.ts';
import type { LoginDemand } from '../../../core/step-up.ts';
import { type Instant, SECOND_MS } from '../../../core/time.ts';
import { isPlainRecord } from '../json.ts';
import { deriveKey, sealText, unsealText } from '../tokens/sealed-text.ts';

const PURPOSE = 'login at the company';
const STATE = new RegExp(`^[A-Za-z0-9_-]{60,${LONGEST_COMPANY_STATE_CHARACTERS}}$`);

/** A login on its way: which browser began it (`tie`), when, and what comes after it. */
export type BegunLogin = {
  readonly tie: string;
  readonly next: string;
  readonly demand: LoginDemand | null;
  readonly startedAt: Instant;
};

/**
 * Makes the `state`: it is the login itself, sealed, so that nothing is stored for logins that are never finished. Nonce
 * and code verifier are derived from it under keys of their own; only this server can.
 */
export function sealCompanyState(secret: Secret, begun: BegunLogin): CompanyLoginKeys {
  const salt = randomBytes(16).toString('base64url');
  return deriveKeys(secret, sealText(secret, PURPOSE, JSON.stringify({ ...begun, salt })));
}

/** What `sealCompanyState` sealed, as long as it lasts; undefined for everything else. */
export function openCompanyState(
  secret: Secret,
  state: string,
  now: Instant,
): (BegunLogin & { readonly keys: CompanyLoginKeys }) | undefined {
  const begun = STATE.test(state) ? unseal(secret, state) : undefined;
  if (!begun) return undefined;
  const ageMs = now - begun.startedAt;
  return ageMs <= COMPANY_LOGIN_SECONDS * SECOND_MS
    ? { ...begun, keys: deriveKeys(secret, state) }
    : undefined;
}

function unseal(secret: Secret, state: string): BegunLogin | undefined {
  try {
    const begun: unknown = JSON.parse(unsealText(secret, PURPOSE, state));
    // What only this server could have sealed is as it was.
    return isPlainRecord(begun) ? (begun as BegunLogin) : undefined;
  } catch {
    return undefined;
  }
}

function deriveKeys(secret: Secret, state: string): CompanyLoginKeys {
  return {
    state,
    nonce: derive(secret, 'nonce', state),
    codeVerifier: derive(secret, 'code verifier', state),
  };
}

/** 43 characters: what PKCE wants at least (RFC 7636 §4.1). */
function derive(secret: Secret, what: string, state: string): string {
  return createHmac('sha256', deriveKey(secret, `${what} of a ${PURPOSE}`))
    .update(state)
    .digest('base64url');
}
