import type { TestRow, TestServer } from '../databases/postgres.ts';
import { type Canaries, listCanaries, searchFolders } from '../programs/canary.ts';

/** I5: these secrets in the files of these folders, or in any row of any table of these databases, as sentences. */
export async function findSpilled(
  canaries: Canaries,
  where: {
    readonly folders?: readonly string[];
    readonly databases?: readonly { readonly server: TestServer; readonly name: string }[];
  },
): Promise<readonly string[]> {
  const inFiles = await searchFolders(where.folders ?? [], canaries);
  const inTables = await Promise.all(
    (where.databases ?? []).map(({ server, name }) => searchTables(server, name, canaries)),
  );
  return [...inFiles, ...inTables.flat()].map((found) => `I5: in ${found}`);
}

async function searchTables(
  server: TestServer,
  database: string,
  canaries: Canaries,
): Promise<readonly string[]> {
  const tables = await server.sql(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = 'public'`,
    database,
  );
  if (tables.length === 0) throw new Error(`there is no table in ${database}`);
  const texts = tables.map(({ name }) => `SELECT '${name}' AS name, t::text AS row FROM ${name} t`);
  const rows = await server.sql(texts.join(' UNION ALL '), database);
  return rows.flatMap((row) => listIn(row, canaries).map((which) => `${database}, ${row.name}: ${which}`));
}

// A value of bytes is written in hexadecimal there.
function listIn({ row }: TestRow, canaries: Canaries): readonly string[] {
  const text = String(row);
  const bytes = [...text.matchAll(/\\x([0-9a-f]+)/g)].map(([, hex = '']) => Buffer.from(hex, 'hex'));
  return listCanaries(Buffer.concat([Buffer.from(text), ...bytes]), canaries);
}
