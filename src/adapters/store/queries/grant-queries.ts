import { sql } from 'kysely';
import type { Grant } from '../../../core/grant.ts';
import type { GrantFilter } from '../../../core/ports/store.ts';
import { readGrantRow } from '../rows/grant-rows.ts';
import type { Database } from '../schema.ts';
import { atMost, findRow, listRows, roundUp } from '../statements/reuse.ts';
import { isWithin, within } from './partial.ts';

const IN_USE = ['provisioning', 'active'] as const;

export async function readGrant(db: Database, id: string): Promise<Grant | undefined> {
  const row = await findRow(db, { name: 'grant by id', parameters: [id] }, () =>
    selectGrants(db).where('id', '=', id),
  );
  return row && readGrantRow(row);
}

export async function findGrantByToken(db: Database, tokenId: string): Promise<Grant | undefined> {
  const row = await findRow(db, { name: 'grant by token', parameters: [tokenId] }, () =>
    selectGrants(db).where('token_id', '=', tokenId),
  );
  return row && readGrantRow(row);
}

export async function findLiveGrant(db: Database, requestId: string): Promise<Grant | undefined> {
  const row = await findRow(db, { name: 'live grant', parameters: [requestId] }, () =>
    selectGrants(db).where('request_id', '=', requestId).where('state', '<>', sql.lit('ended')),
  );
  return row && readGrantRow(row);
}

export type Credential = { readonly target: string; readonly handle: string };

export async function findEndedGrant(
  db: Database,
  { target, handle }: Credential,
): Promise<Grant | undefined> {
  const row = await findRow(db, { name: 'ended grant', parameters: [target, handle] }, () =>
    selectGrants(db)
      .where('target', '=', target)
      .where('handle', '=', handle)
      .where('state', '=', sql.lit('ended'))
      .orderBy('claimed_at', 'desc')
      .orderBy('id', 'desc')
      .limit(atMost(1)),
  );
  return row && readGrantRow(row);
}

/** Whether it was break-glass stands in the request alone: so it is right for every grant, whichever version wrote it. */
function selectGrants(db: Database) {
  return db
    .selectFrom('grants')
    .selectAll('grants')
    .select((query) =>
      query
        .selectFrom('requests')
        .select('requests.break_glass')
        .whereRef('requests.id', '=', 'grants.request_id')
        .as('break_glass'),
    );
}

export async function listGrants(db: Database, filter: GrantFilter): Promise<readonly Grant[]> {
  const { heldBy, states, target, limit } = filter;
  if (states?.length === 0) return [];
  const read = roundUp(limit);
  const isInUse = isWithin(IN_USE, states);
  const shape = [heldBy !== undefined, states?.length, isInUse, target !== undefined, read];
  const parameters = [heldBy, ...(states ?? []), target].filter((value) => value !== undefined);
  const rows = await listRows(db, { name: `grants ${shape.join(' ')}`, parameters }, () =>
    selectGrants(db)
      .$if(heldBy !== undefined, (query) => query.where('held_by', '=', heldBy ?? ''))
      .$if(states !== undefined, (query) => query.where('state', 'in', states ?? []))
      .$if(isInUse, (query) => query.where(within('state', IN_USE)))
      .$if(target !== undefined, (query) => query.where('target', '=', target ?? ''))
      .orderBy('claimed_at', 'desc')
      .orderBy('id', 'desc')
      .limit(atMost(read)),
  );
  return rows.slice(0, limit).map(readGrantRow);
}
