import { DatabaseSync } from 'node:sqlite';
import { CompiledQuery } from 'kysely';
import { expect, it } from 'vitest';
import { createSqliteDialect } from '../../../../src/adapters/store/sqlite/dialect.ts';

it('rows are read directly outside of transactions only: what is in one may be undone', () => {
  using file = new DatabaseSync(':memory:');
  const { readDirectly } = createSqliteDialect(file);
  const query = CompiledQuery.raw('select body from items where name = ?', ['a']);
  file.exec("create table items (name text, body text); insert into items values ('a', 'before')");
  expect(readDirectly(query)).toEqual([{ body: 'before' }]);
  file.exec("begin; update items set body = 'within'");
  expect(readDirectly(query)).toBeUndefined();
  file.exec('rollback');
  expect(readDirectly(query)).toEqual([{ body: 'before' }]);
});
