import { createHash } from 'node:crypto';
import type { FoundEntry, ProtocolEntry, ProtocolStore } from '../../../src/core/ports/protocol-store.ts';

type Row = Omit<ProtocolEntry, 'id' | 'userCode'> & {
  readonly consumedAt: number | null;
  readonly nextTurnAt: number;
  readonly userCodeHash: string | undefined;
};

export type MemoryProtocolStore = ProtocolStore & {
  /** Everything that is kept, as text: to look for what must not be in it. */
  dump(): string;
};

/** A `ProtocolStore` for tests. JavaScript runs each method without interruption, so every one is atomic. */
export function createMemoryProtocolStore(): MemoryProtocolStore {
  const rows = new Map<string, Row>();
  const removeWhere = (isGone: (row: Row) => boolean) => {
    const gone = [...rows].filter(([, row]) => isGone(row));
    for (const [key] of gone) rows.delete(key);
    return gone.map(([, row]) => row.kind);
  };
  const findWhere = (isFound: (row: Row) => boolean) => read([...rows.values()].find(isFound));
  return {
    dump: () => JSON.stringify([...rows]),
    put: async (entry) => {
      const key = makeKey(entry.kind, entry.id);
      rows.set(key, buildRow(entry, rows.get(key)));
    },
    replace: async (entry) => {
      const key = makeKey(entry.kind, entry.id);
      const before = rows.get(key);
      if (before) rows.set(key, buildRow(entry, before));
      return before !== undefined;
    },
    insertOnce: async (entry) => {
      const key = makeKey(entry.kind, entry.id);
      if (rows.has(key)) return false;
      rows.set(key, buildRow({ payload: {}, ...entry }, undefined));
      return true;
    },
    find: async (kind, id) => read(rows.get(makeKey(kind, id))),
    findByUserCode: async (kind, userCode) =>
      findWhere((row) => row.kind === kind && row.userCodeHash === hash(userCode)),
    findByUid: async (kind, uid) => findWhere((row) => row.kind === kind && row.uid === uid),
    consume: async (kind, id, at) => {
      const row = rows.get(makeKey(kind, id));
      if (!row || row.consumedAt !== null) return false;
      rows.set(makeKey(kind, id), { ...row, consumedAt: at });
      return true;
    },
    takeTurn: async ({ kind, id, now, intervalMs }) => {
      const row = rows.get(makeKey(kind, id));
      if (!row) return 'unknown';
      if (now < row.nextTurnAt) return 'too_soon';
      rows.set(makeKey(kind, id), { ...row, nextTurnAt: now + intervalMs });
      return 'turn';
    },
    remove: async (kind, id) => {
      rows.delete(makeKey(kind, id));
    },
    removeByGrant: async (grantId) => {
      removeWhere((row) => row.grantId === grantId);
    },
    removeByAccount: async (accountId) => removeWhere((row) => listAccounts(row).includes(accountId)),
    removeExpired: async (now) => removeWhere((row) => row.expiresAt !== null && row.expiresAt <= now).length,
  };
}

function listAccounts({ payload }: Row): readonly unknown[] {
  const { result, session } = payload as {
    readonly result?: { readonly login?: { readonly accountId?: unknown } };
    readonly session?: { readonly accountId?: unknown };
  };
  return [payload.accountId, result?.login?.accountId, session?.accountId];
}

function buildRow({ id: _id, userCode, ...entry }: ProtocolEntry, before: Row | undefined): Row {
  return {
    ...entry,
    payload: structuredClone(entry.payload),
    consumedAt: before?.consumedAt ?? null,
    nextTurnAt: before?.nextTurnAt ?? 0,
    userCodeHash: userCode === undefined ? undefined : hash(userCode),
  };
}

function read(row: Row | undefined): FoundEntry | undefined {
  if (!row) return undefined;
  return { payload: structuredClone(row.payload), consumedAt: row.consumedAt, expiresAt: row.expiresAt };
}

function makeKey(kind: string, id: string): string {
  return `${kind} ${hash(id)}`;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
