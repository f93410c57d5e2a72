import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { checkBackup, readRows } from '../../adapters/backup/read-backup.ts';
import { writeBackup } from '../../adapters/backup/write-backup.ts';
import { parseAddress } from '../../adapters/connectors/postgres/address.ts';
import type { BareStore } from '../../adapters/store/copy/bare.ts';
import { openBareSqlite, openSqliteBeside } from '../../adapters/store/copy/bare-sqlite.ts';
import { fillStore } from '../../adapters/store/copy/fill.ts';
import { readCopy } from '../../adapters/store/copy/read-copy.ts';
import { migrate } from '../../adapters/store/migrations/migrations.ts';
import { describeStore } from '../../core/config/store.ts';
import { fail } from '../../core/errors.ts';
import type { CopiedRow, StoreCopy } from '../../core/ports/store-copy.ts';
import type { Secret } from '../../core/secret.ts';
import type { BackupReport, MigrateReport, RestoreReport } from '../../core/server-store.ts';
import { formatInstant } from '../../core/time.ts';
import { QUARANTINE_SETTING, type QuarantineNote } from '../keeping/quarantine.ts';
import { ES256_KEYS, unsealKeys } from '../keys/kept-keys.ts';
import { deriveKey } from '../oauth/tokens/sealed-text.ts';
import type { ServerOptions } from './options.ts';
import { readStoreSecret } from './store.ts';

export type KeepingOptions = Pick<ServerOptions, 'config' | 'clock'> & {
  readonly onError: (error: unknown) => void;
};

/** What a backup's MAC is made with: only who has the server's secret can make one that is taken back. */
const PURPOSE = 'backups';

/** A copy of everything, while servers go on. */
export async function backUpStore(
  options: KeepingOptions,
  { path, version }: { readonly path: string; readonly version: string },
): Promise<BackupReport> {
  const bare = await openToRead(options);
  try {
    const secret = await readKeptSecret(options);
    const key = deriveKey(secret, PURPOSE);
    return await readCopy(bare, async ({ head, rows }) => {
      const copy = { head, rows: checkSeals(rows, secret) };
      const takenAt = options.clock.now();
      return { path, takenAt, rows: await writeBackup({ path, key, copy, version, takenAt }) };
    });
  } finally {
    await bare.close();
  }
}

/** `config_invalid` where the secret does not open the store's keys: a copy under it could not be restored by those who need it. */
async function* checkSeals(rows: StoreCopy['rows'], secret: Secret): AsyncGenerator<CopiedRow> {
  for await (const row of rows) {
    const { table, columns, cells } = row;
    const [name, sealed] = ['name', 'value'].map((column) => cells[columns.indexOf(column)]);
    if (table === 'settings' && name === ES256_KEYS.setting) unsealKeys(secret, ES256_KEYS, String(sealed));
    yield row;
  }
}

/** Into an empty store, of either engine, which is in quarantine from then on. Nothing is written of a file that is not good. */
export async function restoreStore(
  options: KeepingOptions,
  { path, by }: { readonly path: string; readonly by: string },
): Promise<RestoreReport> {
  const source = { path, key: deriveKey(await readKeptSecret(options), PURPOSE) };
  const { head, counts } = await checkBackup(source);
  const now = options.clock.now();
  const note: QuarantineNote = { restored_at: formatInstant(now), taken_at: head.taken_at, by };
  const bare = await openToWrite(options);
  try {
    const copy = { head, rows: readRows(source) };
    await fillStore(bare, { copy, now, settings: { [QUARANTINE_SETTING]: JSON.stringify(note) } });
  } finally {
    await bare.close();
  }
  return { store: describeStore(options.config.store), takenAt: head.taken_at, rows: counts };
}

/** Brings the tables up to this program's version, as a server does at its start. */
export async function migrateStore(options: KeepingOptions): Promise<MigrateReport> {
  const bare = await openToWrite(options);
  try {
    const { db, engine, at } = bare;
    const applied = await migrate(db, { engine, at, now: options.clock.now() });
    return { store: describeStore(options.config.store), applied };
  } finally {
    await bare.close();
  }
}

/** Never made here: a new one would open nothing of what is in the store, or in the copy. */
async function readKeptSecret(options: KeepingOptions) {
  const { store, secret } = options.config;
  if (!secret && store.kind === 'sqlite')
    await access(`${store.path}.key`, constants.R_OK).catch((error: unknown) => {
      const why =
        'is missing: it is the secret that keys and backups of this server are sealed under; put it back';
      throw fail('config_invalid', { at: `${store.path}.key`, why }, error);
    });
  return await readStoreSecret(options);
}

async function openToRead({ config: { store } }: KeepingOptions): Promise<BareStore> {
  return store.kind === 'sqlite' ? await openSqliteBeside(store.path) : await openPostgres(store.url);
}

async function openToWrite({ config: { store } }: KeepingOptions): Promise<BareStore> {
  return store.kind === 'sqlite' ? await openBareSqlite(store.path) : await openPostgres(store.url);
}

async function openPostgres(url: Parameters<typeof parseAddress>[0]): Promise<BareStore> {
  const { openBarePostgres } = await import('../../adapters/store/postgres/bare.ts');
  return openBarePostgres(parseAddress(url, { target: 'the store' }));
}
