import type { Complaint } from '../../core/config/complaint.ts';
import type { ServerConfig } from '../../core/config.ts';
import { LIVE_GRANT_STATES } from '../../core/grant.ts';
import type { Store } from '../../core/ports/store.ts';

const MOST_COUNTED = 1_000;

type Change = {
  readonly before: Pick<ServerConfig, 'targets'>;
  readonly after: Pick<ServerConfig, 'targets'>;
};

/** Targets that are gone, or of another kind: nothing could take away what was granted there. */
export function listLeaving({ before, after }: Change): readonly string[] {
  const kinds = new Map(after.targets.map(({ name, kind }) => [name, kind]));
  return before.targets.filter(({ name, kind }) => kinds.get(name) !== kind).map(({ name }) => name);
}

/** Grants that a change of configuration would leave where nobody takes them away any more. */
export async function listLeftBehind(
  store: Pick<Store, 'listGrants'>,
  change: Change,
): Promise<readonly Complaint[]> {
  const complaints: Complaint[] = [];
  for (const target of listLeaving(change)) {
    const live = await store.listGrants({ target, states: LIVE_GRANT_STATES, limit: MOST_COUNTED });
    if (live.length > 0) complaints.push({ path: ['targets'], why: describe(target, live.length) });
  }
  return complaints;
}

function describe(target: string, count: number): string {
  const held = count === 1 ? '1 grant is' : `${count === MOST_COUNTED ? 'over ' : ''}${count} grants are`;
  return `${held} live at "${target}": end them first (jit revoke --target ${target}), or keep the target and take its scopes away`;
}
