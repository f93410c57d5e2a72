import type { SettingChange } from '../../core/ports/store.ts';
import type { Access } from './access.ts';
import type { Database } from './schema.ts';

/** The stored value; where there is none, `make`'s, unless somebody else's got there first. */
export async function readSetting(
  access: Access,
  setting: { readonly name: string; readonly make: () => Promise<string> },
): Promise<string> {
  const { name, make } = setting;
  const stored = await findSetting(access.db, name);
  if (stored !== undefined) return stored;
  const made = await make();
  await access.writeOne((writer) =>
    writer
      .insertInto('settings')
      .values({ name, value: made })
      .onConflict((conflict) => conflict.doNothing())
      .execute(),
  );
  return (await findSetting(access.db, name)) ?? made;
}

/** One conditional update: of two who rotate at once, one does. */
export async function replaceSetting(access: Access, change: SettingChange): Promise<'replaced' | 'lost'> {
  const { name, before, after } = change;
  const result = await access.writeOne((writer) =>
    writer
      .updateTable('settings')
      .set({ value: after })
      .where('name', '=', name)
      .where('value', '=', before)
      .executeTakeFirst(),
  );
  return result.numUpdatedRows === 1n ? 'replaced' : 'lost';
}

async function findSetting(db: Database, name: string): Promise<string | undefined> {
  const row = await db.selectFrom('settings').select('value').where('name', '=', name).executeTakeFirst();
  return row?.value;
}
