import type { GivenBack } from '../client/give-back.ts';
import { fail } from '../core/errors.ts';
import { encodeGrant } from '../core/wire/grant.ts';
import { describeAccess, printJson } from './output.ts';
import type { World } from './world.ts';

/** Tells what was given back, part by part, and only what was seen. Throws `not_confirmed` where proof is missing. */
export function showGivenBack(
  world: World,
  given: readonly GivenBack[],
  options: { readonly json: boolean },
): void {
  if (options.json) printJson(world, { grants: given.map(({ grant }) => encodeGrant(grant)) });
  for (const one of given) {
    world.terminal.tell(describeGivenBack(world, one));
  }
  if (!options.json) requireConfirmed(given);
}

function describeGivenBack(world: World, { grant, isKeychainCleared }: GivenBack): string {
  const { good, warn } = world.terminal.paint;
  const { revocation } = grant;
  const parts = [
    revocation.token === 'revoked' ? `${good('✔')} token revoked` : `${warn('…')} token not revoked yet`,
    revocation.confirmed
      ? `${good('✔')} access removed${describeSessions(revocation.sessionsEnded)}`
      : `${warn('…')} still removing access at ${grant.target}`,
    isKeychainCleared ? `${good('✔')} removed from the keychain` : '',
  ];
  return `${parts.filter((part) => part !== '').join(' ')} · ${describeAccess(grant)}`;
}

function describeSessions(count: number): string {
  if (count === 0) return '';
  return count === 1 ? ', 1 session ended' : `, ${count} sessions ended`;
}

/** Throws `not_confirmed` for the first grant that the server could not prove dead. */
function requireConfirmed(given: readonly GivenBack[]): void {
  const open = given.find(({ grant }) => !grant.revocation.confirmed);
  if (!open) return;
  const why = open.grant.revocation.lastError ?? `${open.grant.target} has not answered yet`;
  throw fail('not_confirmed', { id: open.grant.id, why });
}
