import { createHash } from 'node:crypto';
import type { Insertable, Selectable } from 'kysely';
import type {
  FoundEntry,
  OnceEntry,
  ProtocolEntry,
  ProtocolStore,
} from '../../../core/ports/protocol-store.ts';
import type { Access } from '../access.ts';
import type { Database, ProtocolTable } from '../schema.ts';
import { atMost, findRow, reuse } from '../statements/reuse.ts';
import { findAccount } from './account.ts';
import { removeExpired } from './expiry.ts';

type ProtocolRow = Selectable<ProtocolTable>;

/** The `ProtocolStore` over tables that are there already. Ids and user codes reach the database as SHA-256 only. */
export function createProtocolStore(access: Access): ProtocolStore {
  const { db, writeOne } = access;
  return {
    put: (entry) => put(access, entry),
    replace: (entry) => replace(access, entry),
    insertOnce: (entry) => insertOnce(access, entry),
    find: (kind, id) => find(db, { kind, column: 'id_hash', value: hash(id) }),
    findByUserCode: (kind, code) => find(db, { kind, column: 'user_code_hash', value: hash(code) }),
    findByUid: (kind, uid) => find(db, { kind, column: 'uid', value: uid }),
    consume: (kind, id, at) => consume(access, { kind, id, at }),
    takeTurn: (turn) => takeTurn(access, turn),
    remove: async (kind, id) => {
      await writeOne((writer) =>
        buildRemoval(writer).where('kind', '=', kind).where('id_hash', '=', hash(id)).execute(),
      );
    },
    removeByGrant: async (grantId) => {
      await writeOne((writer) => buildRemoval(writer).where('grant_id', '=', grantId).execute());
    },
    removeByAccount: async (accountId) => {
      const removed = await writeOne((writer) =>
        buildRemoval(writer).where('account_id', '=', accountId).returning('kind').execute(),
      );
      return removed.map((row) => row.kind);
    },
    removeExpired: (now) => removeExpired(access, now),
  };
}

// What was consumed stays so, and a poll's turn is not given back, whatever is saved over it.
async function put(access: Access, entry: ProtocolEntry): Promise<void> {
  const { kind, id_hash, ...rest } = buildRow(entry);
  await access.writeOne((writer) =>
    writer
      .insertInto('protocol_entries')
      .values({ kind, id_hash, ...rest })
      .onConflict((conflict) => conflict.columns(['kind', 'id_hash']).doUpdateSet(rest))
      .execute(),
  );
}

async function replace(access: Access, entry: ProtocolEntry): Promise<boolean> {
  const { kind, id_hash, ...rest } = buildRow(entry);
  const result = await access.writeOne((writer) =>
    writer
      .updateTable('protocol_entries')
      .set(rest)
      .where('kind', '=', kind)
      .where('id_hash', '=', id_hash)
      .executeTakeFirst(),
  );
  return result.numUpdatedRows === 1n;
}

async function insertOnce(access: Access, { isBrief, ...entry }: OnceEntry): Promise<boolean> {
  const row = buildRow({ payload: {}, ...entry });
  const query = reuse(access.db, { name: 'new entry', parameters: Object.values(row) }, () =>
    access.db
      .insertInto('protocol_entries')
      .values(row)
      .onConflict((conflict) => conflict.doNothing()),
  );
  if (isBrief) return (await access.writeSoon(query)) === 1;
  const { numAffectedRows } = await access.writeOne((writer) => writer.executeQuery(query));
  return numAffectedRows === 1n;
}

type Wanted = {
  readonly kind: string;
  readonly column: 'id_hash' | 'user_code_hash' | 'uid';
  readonly value: string;
};

// User codes are few enough to come again: the one that lives longest is meant.
async function find(db: Database, { kind, column, value }: Wanted): Promise<FoundEntry | undefined> {
  const row = await findRow(db, { name: `entry by ${column}`, parameters: [kind, value] }, () =>
    db
      .selectFrom('protocol_entries')
      .select(['payload', 'consumed_at', 'expires_at'])
      .where('kind', '=', kind)
      .where(column, '=', value)
      .orderBy('expires_at', 'desc')
      .limit(atMost(1)),
  );
  return row && readRow(row);
}

async function consume(
  access: Access,
  use: { readonly kind: string; readonly id: string; readonly at: number },
): Promise<boolean> {
  const result = await access.writeOne((writer) =>
    writer
      .updateTable('protocol_entries')
      .set({ consumed_at: use.at })
      .where('kind', '=', use.kind)
      .where('id_hash', '=', hash(use.id))
      .where('consumed_at', 'is', null)
      .executeTakeFirst(),
  );
  return result.numUpdatedRows === 1n;
}

async function takeTurn(
  access: Access,
  { kind, id, now, intervalMs }: Parameters<ProtocolStore['takeTurn']>[0],
): Promise<'turn' | 'too_soon' | 'unknown'> {
  const result = await access.writeOne((writer) =>
    writer
      .updateTable('protocol_entries')
      .set({ next_poll_at: now + intervalMs })
      .where('kind', '=', kind)
      .where('id_hash', '=', hash(id))
      .where((is) => is.or([is('next_poll_at', 'is', null), is('next_poll_at', '<=', now)]))
      .executeTakeFirst(),
  );
  if (result.numUpdatedRows === 1n) return 'turn';
  return (await find(access.db, { kind, column: 'id_hash', value: hash(id) })) ? 'too_soon' : 'unknown';
}

function buildRemoval(db: Database) {
  return db.deleteFrom('protocol_entries');
}

function buildRow(entry: ProtocolEntry): Insertable<ProtocolTable> {
  return {
    kind: entry.kind,
    id_hash: hash(entry.id),
    payload: JSON.stringify(entry.payload),
    expires_at: entry.expiresAt,
    grant_id: entry.grantId ?? null,
    user_code_hash: entry.userCode === undefined ? null : hash(entry.userCode),
    uid: entry.uid ?? null,
    account_id: findAccount(entry.payload),
  };
}

function readRow(row: Pick<ProtocolRow, 'payload' | 'consumed_at' | 'expires_at'>): FoundEntry {
  return {
    payload: JSON.parse(row.payload) as Readonly<Record<string, unknown>>,
    consumedAt: row.consumed_at,
    expiresAt: row.expires_at,
  };
}

function hash(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}
