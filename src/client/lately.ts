import type { KnownServer, LocalState, Wish } from '../core/ports/local-state.ts';
import type { GrantView, RequestView } from '../core/view.ts';

/** Kinds of access that are remembered for one server. */
const MOST_LATELY = 16;

export const UNKNOWN_SERVER: KnownServer = { name: '', asOf: 0, scopes: [] };

/** Remembers what is held now, without any secret: whoever misses it later can ask for the same. */
export function withLately(
  state: LocalState,
  held: {
    readonly server: string;
    readonly grant: Pick<GrantView, 'scopes' | 'target'>;
    readonly request: Pick<RequestView, 'durationSeconds'>;
  },
): LocalState {
  const { scopes, target } = held.grant;
  const known = state.servers[held.server] ?? UNKNOWN_SERVER;
  const others = (known.lately ?? []).filter((wish) => !isSameAccess(wish, { scopes, target }));
  const wish: Wish = { scopes, target, durationSeconds: held.request.durationSeconds };
  const lately = [wish, ...others].slice(0, MOST_LATELY);
  return { ...state, servers: { ...state.servers, [held.server]: { ...known, lately } } };
}

export function isSameAccess(
  left: Pick<Wish, 'scopes' | 'target'>,
  right: Pick<Wish, 'scopes' | 'target'>,
): boolean {
  return left.target === right.target && left.scopes.join(' ') === right.scopes.join(' ');
}
