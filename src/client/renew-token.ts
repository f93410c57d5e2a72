import { EMPTY_CREDENTIAL } from '../core/credential.ts';
import { hasCode } from '../core/errors.ts';
import type { HeldGrant } from '../core/ports/local-state.ts';
import { SECOND_MS } from '../core/time.ts';
import type { HeldSecret } from '../core/wire/held-secret.ts';
import { keep, readHeld } from './held.ts';
import type { ClientParts } from './parts.ts';
import { inTurn } from './request.ts';

/** A token with less time left than this is replaced before it is used, where its grant goes on. */
const FRESH_MS = 30 * SECOND_MS;
/** A token ends on a whole second, its grant anywhere. */
const ROUNDING_MS = SECOND_MS;

/**
 * What is held, with a token that should still be good: where it ends before its grant, the next is fetched in time. While
 * the server is away, the one that is held serves to its end.
 */
export async function freshen(parts: ClientParts, held: HeldGrant, secret: HeldSecret): Promise<HeldSecret> {
  if (isFresh(parts, held, secret)) return secret;
  try {
    return await renewToken(parts, held, (found) => isFresh(parts, held, found));
  } catch (error) {
    const isGood = (secret.terms?.expiresAt ?? 0) > parts.clock.now();
    if (isGood && hasCode(error, 'unreachable')) return secret;
    throw error;
  }
}

/** Fetches and keeps the next token, unless somebody on this machine has fetched one meanwhile that will do. */
export function renewToken(
  parts: ClientParts,
  held: HeldGrant,
  isGood: (secret: HeldSecret) => boolean,
): Promise<HeldSecret> {
  return inTurn(parts, async () => {
    const found = await readHeld(parts, held);
    if (found && isGood(found)) return found;
    const claimed = await parts.backend.claim(held.view.requestId, { tokenOnly: true });
    const kept = await keep(parts, claimed);
    const { token, terms = null, credential } = claimed;
    const secret = await readHeld(parts, kept);
    return { token, terms, credential: credential ?? secret?.credential ?? EMPTY_CREDENTIAL };
  });
}

function isFresh(parts: Pick<ClientParts, 'clock'>, held: HeldGrant, { terms }: HeldSecret): boolean {
  if (!terms || terms.expiresAt >= held.view.expiresAt - ROUNDING_MS) return true;
  return terms.expiresAt - parts.clock.now() > FRESH_MS;
}
