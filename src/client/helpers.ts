import { fail, hasCode } from '../core/errors.ts';
import type { HeldGrant, LocalState, Wish } from '../core/ports/local-state.ts';
import { isScope, isTargetName } from '../core/scope.ts';
import type { RequestView } from '../core/view.ts';
import type { HeldSecret } from '../core/wire/held-secret.ts';
import { findFitting, requireSecret, type Wanted } from './exec.ts';
import { inHurry } from './helpers-patience.ts';
import { isSameAccess, UNKNOWN_SERVER } from './lately.ts';
import { note } from './note.ts';
import type { ClientParts } from './parts.ts';
import { isOpen } from './request.ts';

/**
 * The grants held here that another program may mean; never none. Without one it is `no_grant`, whose hint is the command
 * that leads to one: what was wanted is remembered for it.
 */
export async function findForHelper(
  parts: ClientParts,
  wanted: Wanted,
): Promise<readonly [HeldGrant, ...HeldGrant[]]> {
  const [first, ...others] = await findFitting(parts, wanted);
  if (first) return [first, ...others];
  throw await explainNothing(parts, wanted);
}

/** The secret for it: at once, or after one call within 10 s where the next token is due. Errors as above. */
export async function readForHelper(parts: ClientParts, held: HeldGrant): Promise<HeldSecret> {
  try {
    return await inHurry(parts, (hurried) => requireSecret(hurried, held));
  } catch (error) {
    if (!hasCode(error, 'no_grant', 'not_found', 'lapsed')) throw error;
    const [scope] = held.view.scopes;
    throw await explainNothing(parts, { scope, target: held.view.target }, error.message);
  }
}

/** What `jit request --last` asks for; undefined where no helper missed anything. */
export async function readWish(parts: Pick<ClientParts, 'state' | 'server'>): Promise<Wish | undefined> {
  return (await parts.state.read()).servers[parts.server]?.wish;
}

async function explainNothing(parts: ClientParts, wanted: Wanted, known?: string): Promise<Error> {
  const state = await parts.state.read();
  const open = findOpen(parts, { state, wanted });
  const why = known ?? `no live grant${describeWanted(wanted)}`;
  if (open)
    return fail('no_grant', { why: `${why}, but ${open.id} is ${open.state}`, next: `jit wait ${open.id}` });
  const wish = buildWish(wanted, state.servers[parts.server]?.lately ?? []);
  if (!wish) return fail('no_grant', { why, next: 'jit request' });
  await remember(parts, { state, wish });
  return fail('no_grant', { why, next: 'jit request --last' });
}

function describeWanted({ scope, target }: Wanted): string {
  return `${scope === undefined ? '' : ` for ${scope}`}${target === undefined ? '' : ` on ${target}`}`;
}

/** The whole of what was held here before and is meant again; else as much as was named. */
function buildWish({ scope, target }: Wanted, lately: readonly Wish[]): Wish | undefined {
  const before = lately.find(
    (wish) =>
      (scope === undefined || wish.scopes.includes(scope)) &&
      (target === undefined || wish.target === target),
  );
  if (before) return before;
  // What nobody could ask for is not worth a place in the state.
  if (scope !== undefined && !isScope(scope)) return undefined;
  if (target !== undefined && !isTargetName(target)) return undefined;
  if (scope === undefined && target === undefined) return undefined;
  return { scopes: scope === undefined ? [] : [scope], target: target ?? null, durationSeconds: null };
}

type Known = { readonly state: LocalState };

/** Of many that miss the same thing at once, one writes it down. */
async function remember(parts: ClientParts, { state, wish }: Known & { readonly wish: Wish }): Promise<void> {
  const { server } = parts;
  const known = state.servers[server]?.wish;
  if (known && isSameAccess(known, wish) && known.durationSeconds === wish.durationSeconds) return;
  const write = (): Promise<void> =>
    note(parts, (current) => ({
      ...current,
      servers: { ...current.servers, [server]: { ...(current.servers[server] ?? UNKNOWN_SERVER), wish } },
    }));
  // A full disk must not change what is said.
  await parts.lock.tryRun('wish', write).catch(() => false);
}

function findOpen(
  parts: Pick<ClientParts, 'server' | 'clock'>,
  { state, wanted }: Known & { readonly wanted: Wanted },
): RequestView | undefined {
  const now = parts.clock.now();
  const mine = state.requests.filter(({ server }) => server === parts.server).map(({ view }) => view);
  return mine.find(
    (view) =>
      isOpen(view) &&
      (view.claimBy ?? view.lapsesAt) > now &&
      (wanted.scope === undefined || view.scopes.includes(wanted.scope)) &&
      (wanted.target === undefined || view.target === wanted.target),
  );
}
