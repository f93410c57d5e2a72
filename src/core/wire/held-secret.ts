import * as v from 'valibot';
import type { Credential } from '../credential.ts';
import { Secret } from '../secret.ts';
import type { TokenTerms } from '../view.ts';
import { credentialMessage, encodeCredential, encodeTerms, termsMessage } from './claim.ts';

/** What the keychain holds for one grant. */
export type HeldSecret = {
  readonly token: Secret;
  /** Null: a bearer token that lasts as long as its grant. */
  readonly terms?: TokenTerms | null;
  readonly credential: Credential;
};

const heldSecretMessage = v.object({
  version: v.literal(1),
  token: v.pipe(
    v.string(),
    v.minLength(1),
    v.transform((text) => new Secret(text)),
  ),
  terms: v.optional(v.nullable(termsMessage), null),
  credential: credentialMessage,
});

/** Reveals: for the keychain only. */
export function encodeHeldSecret(held: HeldSecret): Secret {
  return new Secret(
    JSON.stringify({
      version: 1,
      token: held.token.reveal(),
      ...(held.terms ? { terms: encodeTerms(held.terms) } : {}),
      credential: encodeCredential(held.credential),
    }),
  );
}

/** Undefined for anything that `encodeHeldSecret` did not write: truncated, foreign, of another version. */
export function decodeHeldSecret(item: Secret): HeldSecret | undefined {
  try {
    const parsed = v.safeParse(heldSecretMessage, JSON.parse(item.reveal()));
    if (!parsed.success) return undefined;
    const { token, terms, credential } = parsed.output;
    return { token, terms, credential };
  } catch {
    return undefined;
  }
}
