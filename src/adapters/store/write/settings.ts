import type { CompiledQuery } from 'kysely';
import type { SettingChange } from '../../../core/ports/store.ts';
import type { Access } from '../access.ts';
import { findSetting } from '../queries/setting-queries.ts';
import type { Database } from '../schema.ts';
import { ONE_ROW, type Step } from './steps.ts';
import { isWritten } from './write-or-lose.ts';

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

/** One conditional statement: of two who replace it at once, one does. */
export function listSettingSteps(db: Database, change: SettingChange): readonly Step[] {
  return [{ query: buildChange(db, change), ...ONE_ROW }];
}

export async function replaceSetting(access: Access, change: SettingChange): Promise<'replaced' | 'lost'> {
  return (await isWritten(access, listSettingSteps(access.db, change))) ? 'replaced' : 'lost';
}

function buildChange(db: Database, { name, before, after }: SettingChange): CompiledQuery {
  if (before === null) {
    const insert = db.insertInto('settings').values({ name, value: after ?? '' });
    return insert.onConflict((conflict) => conflict.doNothing()).compile();
  }
  if (after === null)
    return db.deleteFrom('settings').where('name', '=', name).where('value', '=', before).compile();
  return db
    .updateTable('settings')
    .set({ value: after })
    .where('name', '=', name)
    .where('value', '=', before)
    .compile();
}
