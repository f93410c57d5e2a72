import type { LocalState } from '../../core/ports/local-state.ts';
import type { ScopeView } from '../../core/view.ts';

type State = Pick<LocalState, 'servers'>;
type Place = { readonly server: string; readonly target: string };

/** What kind of target this is, as far as this machine remembers the server's catalogue. */
export function findTargetKind(state: State, place: Place): string | undefined {
  return findTarget(state, place)?.kind;
}

/** Does one connect there with a certificate for each connection? A server that does not say has one kind that is so. */
export function takesCertificates(state: State, place: Place): boolean {
  const target = findTarget(state, place);
  return target?.takesCertificates ?? target?.kind === 'ssh';
}

function findTarget({ servers }: State, { server, target }: Place): ScopeView['targets'][number] | undefined {
  return servers[server]?.scopes
    .flatMap((scope) => scope.targets)
    .find((candidate) => candidate.name === target);
}
