import { fail } from '../../core/errors.ts';
import { type Grant, isGrantUsable, LIVE_GRANT_STATES } from '../../core/grant.ts';
import { TARGET_DEADLINE_MS } from '../../core/limits.ts';
import type { Connector, LiveCredential } from '../../core/ports/connector.ts';
import type { Broker } from '../parts.ts';

export const MOST_GRANTS = 100_000;

export type Place = { readonly target: string; readonly connector: Connector };

/** Live at a target, and held by nobody. `grantId`: the grant that it was made for, where that is known; it has ended. */
export type Stray = {
  readonly target: string;
  readonly handle: string;
  readonly sessions: number;
  readonly grantId: string | null;
};

/** An active grant whose credential is not at its target: `jit wait` on its request makes it again. */
export type Missing = { readonly target: string; readonly handle: string; readonly grantId: string };

export type Difference = {
  /** How many credentials of this installation are live there. */
  readonly live: number;
  readonly strays: readonly Stray[];
  readonly missing: readonly Missing[];
};

/**
 * What is live at one target against what is granted there; nothing is changed. The target is listed first and the
 * grants are read afterwards: intent precedes the credential (S4), so nothing that is being made looks stray. `begun`: strays
 * that somebody began to remove, and that may be gone.
 */
export async function compareTarget(
  parts: Pick<Broker, 'store' | 'clock'>,
  { target, connector, begun }: Place & { readonly begun: readonly string[] },
): Promise<Difference> {
  const live = await connector.list(parts.clock.now() + TARGET_DEADLINE_MS);
  if (connector.keepsNothing && live.length === 0) return { live: 0, strays: [], missing: [] };
  const grants = await listHeld(parts, { target });
  const handles = new Set(live.map(({ handle }) => handle));
  const gone = begun.filter((handle) => !handles.has(handle)).map((handle) => ({ handle, sessions: 0 }));
  const unheld = await findUnheld(parts, { grants, live: [...live, ...gone] });
  return {
    live: live.length,
    strays: await Promise.all(unheld.map((credential) => nameGrant(parts, { ...credential, target }))),
    missing: await findMissing(parts, {
      target,
      connector,
      grants,
      live: handles,
    }),
  };
}

/** Two targets may be one server, where each lists what the other's grants have: those are no strays. */
async function findUnheld(
  parts: Pick<Broker, 'store'>,
  { grants, live }: { readonly grants: readonly Grant[]; readonly live: readonly LiveCredential[] },
): Promise<readonly LiveCredential[]> {
  const suspects = without(live, grants);
  return suspects.length === 0 ? [] : without(suspects, await listHeld(parts, {}));
}

function without(live: readonly LiveCredential[], grants: readonly Grant[]): readonly LiveCredential[] {
  const held = new Set(grants.map(({ handle }) => handle));
  return live.filter(({ handle }) => !held.has(handle));
}

// Fewer than there are would make strays of what people hold.
async function listHeld(
  { store }: Pick<Broker, 'store'>,
  where: { readonly target?: string },
): Promise<readonly Grant[]> {
  const grants = await store.listGrants({
    ...where,
    states: LIVE_GRANT_STATES,
    limit: MOST_GRANTS,
  });
  if (grants.length < MOST_GRANTS) return grants;
  throw fail('failed', { why: `${where.target ?? 'this server'} has too many grants to be compared` });
}

async function nameGrant({ store }: Pick<Broker, 'store'>, stray: Omit<Stray, 'grantId'>): Promise<Stray> {
  const ended = await store.findEndedGrant({ target: stray.target, handle: stray.handle });
  return { ...stray, grantId: ended?.id ?? null };
}

type Looking = Place & { readonly grants: readonly Grant[]; readonly live: ReadonlySet<string> };

/** A grant that became active after the list was made is not missing: whoever seems to be is looked for once more. */
async function findMissing(
  parts: Pick<Broker, 'store' | 'clock'>,
  { target, connector, grants, live }: Looking,
): Promise<readonly Missing[]> {
  const now = parts.clock.now();
  const isAbsent = ({ handle }: Grant, there: ReadonlySet<string>): boolean =>
    handle !== null && !there.has(handle);
  const suspects = grants.filter((grant) => isGrantUsable(grant, now) && isAbsent(grant, live));
  if (suspects.length === 0) return [];
  const again = await connector.list(parts.clock.now() + TARGET_DEADLINE_MS);
  const there = new Set(again.map(({ handle }) => handle));
  const absent = suspects.filter((grant) => isAbsent(grant, there));
  const current = await Promise.all(absent.map(({ id }) => parts.store.readGrant(id)));
  return current
    .filter((grant) => grant !== undefined && isGrantUsable(grant, parts.clock.now()))
    .flatMap((grant) => (grant?.handle ? [{ target, handle: grant.handle, grantId: grant.id }] : []));
}
