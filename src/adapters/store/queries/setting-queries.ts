import { sql } from 'kysely';
import type { Database } from '../schema.ts';

export async function findSetting(db: Database, name: string): Promise<string | undefined> {
  const row = await db.selectFrom('settings').select('value').where('name', '=', name).executeTakeFirst();
  return row?.value;
}

/** Those whose names begin so, by name. */
export async function listSettings(
  db: Database,
  prefix: string,
): Promise<readonly { readonly name: string; readonly value: string }[]> {
  const rows = await db
    .selectFrom('settings')
    .select(['name', 'value'])
    .where(sql<string>`substr(name, 1, ${sql.lit(prefix.length)})`, '=', prefix)
    .orderBy('name')
    .execute();
  return rows.map(({ name, value }) => ({ name, value }));
}
