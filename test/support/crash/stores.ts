import { cp, mkdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makeInstallationId } from '../../../src/adapters/ids.ts';
import { RESERVE_BYTES } from '../../../src/adapters/store/sqlite/reserve.ts';
import type { TestServer } from '../databases/postgres.ts';
import type { FaultPlace } from '../faults/config.ts';
import { RESERVE } from './leftovers.ts';

/** Where the servers of these tests remember: a file, or a database of this server. */
export type StoreOf = 'sqlite' | { readonly postgres: TestServer };

/** Copies of a store that somebody prepared, as many as there are runs. */
export type StoreCopies = {
  /** Where the first one is. */
  readonly url: string | undefined;
  copy(base: FaultPlace, to: { readonly folder: string; readonly name: string }): Promise<FaultPlace>;
  remove(place: FaultPlace): Promise<void>;
};

export async function prepareStores(of: StoreOf, name: string): Promise<StoreCopies> {
  return of === 'sqlite' ? FILES : await prepareDatabases(of.postgres, name);
}

/** They share a target, where each of them removes what has its name. */
function buildRenaming(): string {
  return `UPDATE settings SET value = '${makeInstallationId()}' WHERE name = 'installation'`;
}

const FILES: StoreCopies = {
  url: undefined,
  copy: async (base, { folder }) => {
    // What a server sets aside for a full disk is much, and takes longer to fill than all the rest of a run.
    const filter = (path: string): boolean => !path.endsWith('.reserve');
    await cp(base.folder, folder, { recursive: true, filter });
    const reserve = join(folder, RESERVE);
    await writeFile(reserve, '', { mode: 0o600 });
    await truncate(reserve, RESERVE_BYTES);
    const file = new DatabaseSync(join(folder, 'jit.db'));
    file.exec(buildRenaming());
    file.close();
    return { ...base, folder };
  },
  remove: ({ folder }) => rm(folder, { recursive: true }),
};

async function prepareDatabases(server: TestServer, name: string): Promise<StoreCopies> {
  const buildUrl = (database: string): string => {
    const url = new URL(server.adminUrl.reveal());
    url.pathname = `/${database}`;
    return url.href;
  };
  const create = (database: string, template: string) =>
    server.sql(`CREATE DATABASE ${database} OWNER jit_admin TEMPLATE ${template}`, 'postgres');
  await create(name, 'template1');
  const free: string[] = [];
  let kept: Promise<unknown> | undefined;
  let made = 0;
  const take = async (): Promise<string> => {
    // What the base is, is kept beside it the first time, and is in every copy of it.
    kept ??= server.sql(KEEP, name);
    await kept;
    const known = free.pop();
    if (known !== undefined) return known;
    made += 1;
    const database = `${name}_${made}`;
    await create(database, name);
    return database;
  };
  return {
    url: buildUrl(name),
    copy: async (base, { folder }) => {
      await mkdir(folder, { recursive: true });
      const database = await take();
      await server.sql(buildRenaming(), database);
      return { ...base, folder, store: buildUrl(database) };
    },
    remove: async ({ folder, store = '' }) => {
      await rm(folder, { recursive: true });
      const database = new URL(store).pathname.slice(1);
      await server.sql(RESTORE, database);
      free.push(database);
    },
  };
}

const EVERY_TABLE = `FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP`;

const KEEP = `DO $$ DECLARE t text; BEGIN
  CREATE SCHEMA base;
  ${EVERY_TABLE} EXECUTE format('CREATE TABLE base.%I AS TABLE public.%I', t, t); END LOOP;
END $$`;

// Much faster than another copy. As the superuser, without the order that references want.
const RESTORE = `DO $$ DECLARE t text; BEGIN
  SET LOCAL session_replication_role = replica;
  ${EVERY_TABLE} EXECUTE format('DELETE FROM public.%I', t); END LOOP;
  ${EVERY_TABLE} EXECUTE format('INSERT INTO public.%I OVERRIDING SYSTEM VALUE SELECT * FROM base.%I', t, t); END LOOP;
END $$`;
