import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { startTestStores } from '../support/databases/postgres-stores.ts';
import { findSpilled } from '../support/faults/spilled-secrets.ts';

const stores = await startTestStores('embedded');
const canaries = new Map([['the token', 'a token of somebody']]);

afterAll(() => stores?.stop());

it('I5: a secret in a file is found', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'jit-spilled-'));
  expect(await findSpilled(canaries, { folders: [folder] })).toEqual([]);
  await writeFile(join(folder, 'jit.db-wal'), 'before a token of somebody after');
  expect(await findSpilled(canaries, { folders: [folder] })).toEqual([
    `I5: in ${folder}/jit.db-wal: the token`,
  ]);
  await rm(folder, { recursive: true });
});

it.skipIf(!stores)('I5: a secret in any table is found, as text and as bytes', async () => {
  if (!stores) return;
  const { database: name } = await stores.makeDatabase();
  const { server } = stores;
  const look = () => findSpilled(canaries, { databases: [{ server, name }] });
  expect(await look()).toEqual([]);
  await server.sql(`INSERT INTO settings (name, value) VALUES ('any', '{"a":"a token of somebody"}')`, name);
  await server.sql(`CREATE TABLE files AS SELECT convert_to('a token of somebody', 'UTF8') AS content`, name);
  expect((await look()).toSorted()).toEqual([
    `I5: in ${name}, public.files: the token`,
    `I5: in ${name}, public.settings: the token`,
  ]);
});
