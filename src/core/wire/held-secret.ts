import * as v from 'valibot';
import type { Credential } from '../credential.ts';
import { Secret } from '../secret.ts';
import { credentialMessage, encodeCredential } from './claim.ts';

/** What the keychain holds for one grant. */
export type HeldSecret = { readonly token: Secret; readonly credential: Credential };

const heldSecretMessage = v.object({
  version: v.literal(1),
  token: v.pipe(
    v.string(),
    v.minLength(1),
    v.transform((text) => new Secret(text)),
  ),
  credential: credentialMessage,
});

/** Reveals: for the keychain only. */
export function encodeHeldSecret(held: HeldSecret): Secret {
  return new Secret(
    JSON.stringify({ version: 1, token: held.token.reveal(), credential: encodeCredential(held.credential) }),
  );
}

/** Undefined for anything that `encodeHeldSecret` did not write: truncated, foreign, of another version. */
export function decodeHeldSecret(item: Secret): HeldSecret | undefined {
  try {
    const parsed = v.safeParse(heldSecretMessage, JSON.parse(item.reveal()));
    return parsed.success ? { token: parsed.output.token, credential: parsed.output.credential } : undefined;
  } catch {
    return undefined;
  }
}
