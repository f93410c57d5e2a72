import { createHash, randomUUID } from 'node:crypto';
import { access, readFile, stat, writeFile } from 'node:fs/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { MIGRATIONS } from '../../../src/adapters/store/migrations/migrations.ts';
import { openPostgresStore } from '../../../src/adapters/store/postgres/open.ts';
import { openSqliteStore } from '../../../src/adapters/store/sqlite/open.ts';
import { Secret } from '../../../src/core/secret.ts';
import { backUpStore, migrateStore, restoreStore } from '../../../src/server/compose/store-keeping.ts';
import {
  type Folder,
  KEEPING_SECRET,
  keep,
  listRowsAt,
  makeFolder,
  onPostgres,
  onSqlite,
} from '../../support/databases/kept-store.ts';
import { startTestStores } from '../../support/databases/postgres-stores.ts';
import { findViolations } from '../../support/faults/invariants.ts';
import { startJitServer } from '../../support/programs/jit-server.ts';

const stores = await startTestStores('system');

afterAll(() => stores?.stop());

const ORDER = {
  scopes: ['prod:api.read'],
  target: 'orders-api',
  durationSeconds: 600,
  reason: 'INC-4211 the checkout — “slow”, they say, and ☃',
  ticket: null,
  extendsGrantId: null,
  breakGlass: false,
};

const TAKING = { version: '1.2.3' };
const BY = { by: 'operator:root' };

/** A store that a server has used, and a copy that was made while it was used. */
async function useAndCopy(folder: Folder, store = onSqlite(folder.in('used.db'))) {
  await using server = await startJitServer({ config: { store, secret: KEEPING_SECRET } });
  const { backend } = await server.logIn('dev');
  const play = async (): Promise<void> => {
    const { claimed } = await backend.submit({ ...ORDER, idempotencyKey: randomUUID() });
    if (claimed) await backend.revoke(claimed.grant.id, 'done');
  };
  for (let round = 0; round < 3; round += 1) await play();
  const path = folder.in('copy.backup');
  // One after the other: two at once would be one grant, and who loses it to the other is told so.
  const [report] = await Promise.all([backUpStore(keep(store), { ...TAKING, path }), play().then(play)]);
  return { path, report };
}

describe('a backup', () => {
  it('I5: is for this user alone, writes over nothing, and has no key or secret in it', async () => {
    await using folder = await makeFolder();
    const { path, report } = await useAndCopy(folder);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(report.rows.grants).toBeGreaterThanOrEqual(3);
    const text = await readFile(path, 'utf8');
    expect(text.split('\n')[0]).toContain('"format":"jit-backup"');
    expect(text).not.toContain(KEEPING_SECRET.reveal());
    expect(text).not.toContain('"d":');
    await expect(
      backUpStore(keep(onSqlite(folder.in('used.db'))), { ...TAKING, path }),
    ).rejects.toMatchObject({ code: 'backup_exists' });
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  it('of a store that is not there is refused, and makes none', async () => {
    await using folder = await makeFolder();
    const options = keep(onSqlite(folder.in('none.db')));
    await expect(backUpStore(options, { ...TAKING, path: folder.in('copy') })).rejects.toMatchObject({
      code: 'config_invalid',
    });
    await expect(access(folder.in('none.db'))).rejects.toThrow();
    await expect(access(folder.in('copy'))).rejects.toThrow();
  });
});

describe('a restore', () => {
  it('moves what a server remembers from SQLite to PostgreSQL and back, row by row, and its invariants hold', async ({
    skip,
  }) => {
    if (!stores) return skip();
    await using folder = await makeFolder();
    const { path, report } = await useAndCopy(folder);
    const address = await stores.makeBareDatabase();
    expect((await restoreStore(keep(onPostgres(address)), { ...BY, path })).rows).toEqual(report.rows);
    const back = folder.in('back.backup');
    await backUpStore(keep(onPostgres(address)), { ...TAKING, path: back });
    await restoreStore(keep(onSqlite(folder.in('back.db'))), { ...BY, path: back });
    const rows = await listRowsAt(address);
    expect(rows.length).toBeGreaterThan(20);
    expect(await listRowsAt(folder.in('back.db'))).toEqual(rows);
    const [onSecond, onThird] = [
      await openPostgresStore({ address }),
      await openSqliteStore({ path: folder.in('back.db') }),
    ];
    for (const { store } of [onSecond, onThird])
      expect(await findViolations({ store, now: Date.now() })).toEqual([]);
    await Promise.all([onSecond.close(), onThird.close()]);
  });

  it('of a copy of PostgreSQL under load is whole as well', async ({ skip }) => {
    if (!stores) return skip();
    await using folder = await makeFolder();
    const { path } = await useAndCopy(folder, onPostgres(await stores.makeDatabase()));
    const address = await stores.makeDatabase();
    await restoreStore(keep(onPostgres(address)), { ...BY, path });
    const { store, close } = await openPostgresStore({ address });
    expect(await findViolations({ store, now: Date.now() })).toEqual([]);
    // What is numbered goes on after what was brought back.
    expect(await store.findPosition()).toBeGreaterThan(5);
    await close();
  });

  it('goes into an empty store only', async ({ skip }) => {
    if (!stores) return skip();
    await using folder = await makeFolder();
    const { path } = await useAndCopy(folder);
    const rows = await listRowsAt(folder.in('used.db'));
    const used = keep(onSqlite(folder.in('used.db')));
    await expect(restoreStore(used, { ...BY, path })).rejects.toMatchObject({ code: 'store_not_empty' });
    expect(await listRowsAt(folder.in('used.db'))).toEqual(rows);
    const address = await stores.makeDatabase();
    await restoreStore(keep(onPostgres(address)), { ...BY, path });
    await expect(restoreStore(keep(onPostgres(address)), { ...BY, path })).rejects.toMatchObject({
      code: 'store_not_empty',
    });
  });
});

describe('a file that is not good', () => {
  it('is refused before anything is written, whatever is wrong with it', async () => {
    await using folder = await makeFolder();
    const { path } = await useAndCopy(folder);
    const whole = await readFile(path, 'utf8');
    const edited = whole.replace('"dev"', '"eve"').replace('dev:dev', 'dev:eve');
    const files: Readonly<Record<string, string>> = {
      'one byte less': whole.slice(0, -1),
      'half of it': whole.slice(0, whole.length / 2),
      'without its end': `${whole.split('\n').slice(0, -2).join('\n')}\n`,
      'a row less': whole.replace(/\n\["gr_[^\n]*/, ''),
      edited,
      'edited, and its hash made anew': rehash(edited),
      'something after its end': `${whole}{}\n`,
      'of a newer version': rehash(whole.replace('"0001-first"', '"9001-later"')),
      'another file': 'url: http://127.0.0.1\n',
      'nothing at all': '',
    };
    expect(edited).not.toBe(whole);
    for (const [name, text] of Object.entries(files)) {
      const file = folder.in(`${name}.backup`);
      await writeFile(file, text);
      const restoring = restoreStore(keep(onSqlite(folder.in('target.db'))), { ...BY, path: file });
      await expect(restoring, name).rejects.toMatchObject({ code: 'backup_unusable' });
      await expect(access(folder.in('target.db')), name).rejects.toThrow();
    }
  });

  it('is refused under another secret, and where the secret of its store is not there', async () => {
    await using folder = await makeFolder();
    const { path } = await useAndCopy(folder);
    const other = keep(onSqlite(folder.in('target.db')), new Secret('another'.padEnd(32, '!')));
    await expect(restoreStore(other, { ...BY, path })).rejects.toThrow(/another secret/);
    const alone = { ...other, config: { ...other.config, secret: null } };
    await expect(restoreStore(alone, { ...BY, path })).rejects.toThrow(/target\.db\.key.*is missing/);
    await expect(access(folder.in('target.db.key'))).rejects.toThrow();
    const unsealed = keep(onSqlite(folder.in('used.db')));
    const backingUp = backUpStore(
      { ...unsealed, config: { ...unsealed.config, secret: null } },
      { ...TAKING, path: folder.in('unsealed.backup') },
    );
    await expect(backingUp).rejects.toThrow(/used\.db\.key.*is missing/);
    await expect(access(folder.in('unsealed.backup'))).rejects.toThrow();
  });

  it('is not even made under another secret than that of the store: nobody would know before it is needed', async () => {
    await using folder = await makeFolder();
    await useAndCopy(folder);
    const other = keep(onSqlite(folder.in('used.db')), new Secret('another'.padEnd(32, '!')));
    const path = folder.in('other.backup');
    await expect(backUpStore(other, { ...TAKING, path })).rejects.toThrow(/secret.*does not open/);
    await expect(access(path)).rejects.toThrow();
  });
});

it('jit server migrate says what it applied, and the second time that nothing was to do', async ({
  skip,
}) => {
  if (!stores) return skip();
  const options = keep(onPostgres(await stores.makeBareDatabase()));
  expect((await migrateStore(options)).applied).toEqual(MIGRATIONS.map(({ name }) => name));
  expect((await migrateStore(options)).applied).toEqual([]);
});

/** As somebody who knows the format, and not the secret. */
function rehash(text: string): string {
  const lines = text.split('\n');
  const body = `${lines.slice(0, -2).join('\n')}\n`;
  const { end } = JSON.parse(lines.at(-2) ?? '') as { readonly end: object };
  const sha256 = createHash('sha256').update(body).digest('hex');
  return `${body}${JSON.stringify({ end: { ...end, sha256 } })}\n`;
}
