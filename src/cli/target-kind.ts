import type { LocalState } from '../core/ports/local-state.ts';

/** What kind of target this is, as far as this machine remembers the server's catalogue. */
export function findTargetKind(
  { servers }: Pick<LocalState, 'servers'>,
  { server, target }: { readonly server: string; readonly target: string },
): string | undefined {
  return servers[server]?.scopes
    .flatMap((scope) => scope.targets)
    .find((candidate) => candidate.name === target)?.kind;
}
