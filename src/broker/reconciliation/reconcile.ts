import { hasCode } from '../../core/errors.ts';
import { TARGET_DEADLINE_MS } from '../../core/limits.ts';
import type { Connector } from '../../core/ports/connector.ts';
import type { Scope } from '../../core/scope.ts';
import type { Instant } from '../../core/time.ts';
import { SYSTEM } from '../events.ts';
import { createTurns } from '../pacing/turns.ts';
import type { Broker } from '../parts.ts';
import { doOnce, listBegun } from '../work/once.ts';
import { compareTarget, type Missing, type Place, type Stray } from './compare.ts';

const MOST_AT_ONCE = 8;

export type { Missing, Stray } from './compare.ts';

export type ReconcileParts = Pick<Broker, 'store' | 'connectors' | 'catalogue' | 'clock' | 'ids'> & {
  /** Asked before anything is removed: a store that was brought back since calls everybody's access a stray. */
  readonly isHeld?: () => Promise<boolean>;
};

/** Strays that could not be removed, and targets that could not be looked at: the next round tries again. */
export type Failure = { readonly target: string; readonly handle: string | null; readonly error: unknown };

export type Reconciliation = {
  /** How many credentials of this installation are live, by target; those that could not be looked at are not here. */
  readonly live: Readonly<Record<string, number>>;
  /** What was found without a grant. */
  readonly strays: readonly Stray[];
  /** Those of them that are gone now, and on record. Another replica may have been faster with the others. */
  readonly removed: readonly Stray[];
  readonly missing: readonly Missing[];
  readonly failures: readonly Failure[];
};

const NOTHING_FOUND: Reconciliation = { live: {}, strays: [], removed: [], missing: [], failures: [] };

/**
 * Compares what is live at every target with what is granted. `apply`: what nobody holds is removed, each with its
 * audit event; without it nothing is changed. What a grant holds stays with that grant, in whatever state it is: one that
 * is being made is the claim's, one that is being taken away is the worker's.
 */
export async function reconcile(
  parts: ReconcileParts,
  { apply }: { readonly apply: boolean },
): Promise<Reconciliation> {
  const perTarget = [...parts.connectors].map(([target, connector]) =>
    look(parts, { target, connector, apply }).catch((error: unknown) =>
      blame({ target, handle: null, error }),
    ),
  );
  return add(await Promise.all(perTarget));
}

async function look(
  parts: ReconcileParts,
  { target, connector, apply }: Place & { readonly apply: boolean },
): Promise<Reconciliation> {
  const begun = apply ? await listBegun(parts, noteOf(target)) : [];
  const { live, strays, missing } = await compareTarget(parts, { target, connector, begun });
  const found = { ...NOTHING_FOUND, live: { [target]: live }, strays, missing };
  if (!apply || strays.length === 0 || (await parts.isHeld?.())) return found;
  const inTurn = createTurns(MOST_AT_ONCE);
  const removals = strays.map((stray) => inTurn(target, () => remove(parts, stray, connector)));
  return add([found, ...(await Promise.all(removals))]);
}

async function remove(parts: ReconcileParts, stray: Stray, connector: Connector): Promise<Reconciliation> {
  const { target, handle } = stray;
  try {
    const isRemoved = await doOnce(parts, {
      note: `${noteOf(target)}${handle}`,
      isDue: async () => (await connector.list(findDeadline(parts))).some((live) => live.handle === handle),
      run: async () => {
        const scopes = await findScopes(parts, stray);
        const { sessionsEnded } = await connector.remove(handle, { scopes, deadlineAt: findDeadline(parts) });
        return {
          kind: 'credential.stray_removed',
          actor: SYSTEM,
          grantId: stray.grantId,
          detail: { target, handle, sessions_ended: sessionsEnded },
        };
      },
    });
    return { ...NOTHING_FOUND, removed: isRemoved ? [stray] : [] };
  } catch (error) {
    return blame({ target, handle, error });
  }
}

/** How the note begins of a stray that is being removed there. */
function noteOf(target: string): string {
  return `stray at ${target}: `;
}

function findDeadline({ clock }: ReconcileParts): Instant {
  return clock.now() + TARGET_DEADLINE_MS;
}

/** Whose scopes a stray had, by the grant that has ended: they say who gets what it owns (S6). All of the target's otherwise. */
async function findScopes(
  { store, catalogue }: Pick<Broker, 'store' | 'catalogue'>,
  { grantId, target }: Stray,
): Promise<readonly Scope[]> {
  const grant = grantId === null ? undefined : await store.readGrant(grantId);
  if (grant) return grant.scopes;
  return catalogue.scopes.filter(({ targets }) => targets.includes(target)).map(({ name }) => name);
}

function blame(failure: Failure): Reconciliation {
  return { ...NOTHING_FOUND, failures: [failure] };
}

/** What went wrong, for people: the error's own words where it is one of ours. */
export function describeFailure({ error }: Failure): string {
  if (hasCode(error, 'target_failed', 'failed')) return error.message;
  return error instanceof Error ? error.message : 'the connector failed';
}

function add(parts: readonly Reconciliation[]): Reconciliation {
  return {
    live: Object.assign({}, ...parts.map(({ live }) => live)),
    strays: parts.flatMap(({ strays }) => strays),
    removed: parts.flatMap(({ removed }) => removed),
    missing: parts.flatMap(({ missing }) => missing),
    failures: parts.flatMap(({ failures }) => failures),
  };
}
