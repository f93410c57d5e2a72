import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BareStore } from '../../../src/adapters/store/copy/bare.ts';
import { openSqliteBeside } from '../../../src/adapters/store/copy/bare-sqlite.ts';
import { readCopy } from '../../../src/adapters/store/copy/read-copy.ts';
import { openBarePostgres } from '../../../src/adapters/store/postgres/bare.ts';
import type { PostgresAddress } from '../../../src/adapters/store/postgres/pool.ts';
import { defaultServerConfig } from '../../../src/core/config/default.ts';
import type { StoreLocation } from '../../../src/core/config.ts';
import { Secret } from '../../../src/core/secret.ts';
import type { KeepingOptions } from '../../../src/server/compose/store-keeping.ts';
import { realClock } from './postgres.ts';
import { buildStoreUrl } from './postgres-stores.ts';

export const KEEPING_SECRET = new Secret('of a store that is copied'.padEnd(32, '!'));

export type Folder = AsyncDisposable & { readonly in: (name: string) => string };

export async function makeFolder(): Promise<Folder> {
  const folder = await mkdtemp(join(tmpdir(), 'jit-kept-'));
  return {
    in: (name) => join(folder, name),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

export function onSqlite(path: string): StoreLocation {
  return { kind: 'sqlite', path };
}

export function onPostgres(address: PostgresAddress): StoreLocation {
  return { kind: 'postgres', url: new Secret(buildStoreUrl(address)) };
}

/** What the commands that keep a store are called with. */
export function keep(store: StoreLocation, secret = KEEPING_SECRET): KeepingOptions {
  const config = defaultServerConfig({ dataFolder: '/nowhere', timeZone: 'UTC' });
  const onError = (error: unknown): never => {
    throw error;
  };
  return { config: { ...config, store, secret }, clock: realClock, onError };
}

/** Every row that is copied, as text, but for those settings that a store has for itself. */
export async function listRows(bare: BareStore): Promise<readonly string[]> {
  try {
    return await readCopy(bare, async ({ rows }) => {
      const found: string[] = [];
      for await (const { table, columns, cells } of rows)
        if (cells[columns.indexOf('name')] !== 'quarantine')
          found.push(JSON.stringify([table, ...columns.map((column, index) => [column, cells[index]])]));
      return found.sort();
    });
  } finally {
    await bare.close();
  }
}

export async function listRowsAt(place: string | PostgresAddress): Promise<readonly string[]> {
  return await listRows(typeof place === 'string' ? await openSqliteBeside(place) : openBarePostgres(place));
}
