import type { GivenBack } from '../../client/give-back.ts';
import { fail } from '../../core/errors.ts';
import type { LocalState } from '../../core/ports/local-state.ts';
import { formatInstant } from '../../core/time.ts';
import { describeGrant, describeLingering } from '../text/output.ts';
import { findTargetKind } from '../using/target-kind.ts';
import type { World } from '../world.ts';

/** What a target's credential is called, and what happens to it; nothing where the token is all there is. */
const REMOVALS: Readonly<Record<string, { readonly done: string; readonly open: string } | undefined>> = {
  postgres: { done: 'role dropped', open: 'role not dropped yet' },
  ssh: { done: 'no new connection; what is open stays', open: 'new connections not ended yet' },
  token: undefined,
};
const UNKNOWN = { done: 'access removed', open: 'access not removed yet' };

export type GivenBackReport = {
  readonly server: string;
  /** Where the kinds of the targets are remembered. */
  readonly state: Pick<LocalState, 'servers'>;
  readonly given: readonly GivenBack[];
  /** Whose they were, where they are not all one's own. */
  readonly withHolder?: boolean;
};

/** Tells what was given back, a line each, part by part, and only what was seen. */
export function tellGivenBack(world: World, { server, state, given, withHolder }: GivenBackReport): void {
  for (const one of given) {
    const kind = findTargetKind(state, { server, target: one.grant.target });
    const holder = withHolder ? ` · ${one.grant.heldBy}` : '';
    world.terminal.tell(`${describeGivenBack(world, { ...one, kind })}${holder}`);
  }
}

type OfKind = { readonly kind: string | undefined };

function describeGivenBack(world: World, { grant, kind, ...copy }: GivenBack & OfKind): string {
  const { good, warn } = world.terminal.paint;
  const parts = [
    grant.revocation.token === 'revoked'
      ? `${good('✔')} token revoked`
      : `${warn('…')} token not revoked yet`,
    describeRemoval(world, { grant, kind }),
    copy.isKeychainCleared ? `${good('✔')} removed from the keychain` : '',
    copy.obstacle ? `${warn('…')} not removed here: ${copy.obstacle.message}` : '',
  ];
  return `${parts.filter((part) => part !== '').join(' ')} · ${describeGrant(grant)}`;
}

function describeRemoval(world: World, { grant, kind }: Pick<GivenBack, 'grant'> & OfKind): string {
  const { good, warn } = world.terminal.paint;
  const words = kind !== undefined && kind in REMOVALS ? REMOVALS[kind] : UNKNOWN;
  if (!words) return '';
  const { confirmed, sessionsEnded, lingersUntil } = grant.revocation;
  if (lingersUntil !== undefined) return `${warn('…')} ${describeLingering(world, lingersUntil)}`;
  if (!confirmed) return `${warn('…')} ${words.open}`;
  return `${good('✔')} ${words.done}${describeSessions(sessionsEnded)}`;
}

function describeSessions(count: number): string {
  if (count === 0) return '';
  return count === 1 ? ', 1 session ended' : `, ${count} sessions ended`;
}

/** Throws `not_confirmed` for the first grant that the server could not prove dead. */
export function requireConfirmed(given: readonly Pick<GivenBack, 'grant'>[]): void {
  const open = given.find(({ grant }) => !grant.revocation.confirmed);
  if (!open) return;
  const { lastError, lingersUntil } = open.grant.revocation;
  const waiting =
    lingersUntil === undefined
      ? `${open.grant.target} has not answered yet`
      : `a certificate that was made for it is good until ${formatInstant(lingersUntil)}`;
  const why = lastError ?? waiting;
  throw fail('not_confirmed', { id: open.grant.id, why });
}
