import { createHash, createHmac, randomUUID } from 'node:crypto';
import { type FileHandle, lstat, open, rename, rm } from 'node:fs/promises';
import { fail } from '../../core/errors.ts';
import type { StoreCopy } from '../../core/ports/store-copy.ts';
import { formatInstant, type Instant } from '../../core/time.ts';
import { FORMAT, FORMAT_VERSION } from './format.ts';

export type BackupOrder = {
  readonly path: string;
  /** Of whoever may make one that this installation takes back. */
  readonly key: Buffer;
  readonly copy: StoreCopy;
  readonly version: string;
  readonly takenAt: Instant;
};

const PRIVATE_FILE = 0o600;
const BUFFER_CHARACTERS = 262_144;
const SUFFIX_CHARACTERS = 8;

/**
 * Writes a copy, line by line, to a file that only this user can read; resolves with how many rows of which table. A
 * file that is there is `backup_exists`. It has its name once it is whole: what was interrupted is `….unfinished`.
 */
export async function writeBackup(order: BackupOrder): Promise<Readonly<Record<string, number>>> {
  const { path } = order;
  if (await isThere(path)) throw fail('backup_exists', { backup: path });
  const unfinished = `${path}.${randomUUID().slice(0, SUFFIX_CHARACTERS)}.unfinished`;
  const file = await make(unfinished, path);
  try {
    const counts = await writeLines(file, order);
    await file.sync();
    await file.close();
    // A name that somebody took meanwhile is not taken from them.
    await make(path, path).then((reserved) => reserved.close());
    await rename(unfinished, path);
    return counts;
  } catch (error) {
    await file.close().catch(() => {});
    await rm(unfinished, { force: true });
    throw error;
  }
}

function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

function make(path: string, wanted: string): Promise<FileHandle> {
  return open(path, 'wx', PRIVATE_FILE).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      throw fail('backup_exists', { backup: wanted }, error);
    throw fail('failed', { why: `${wanted} cannot be written: ${String(error)}` }, error);
  });
}

async function writeLines(file: FileHandle, order: BackupOrder): Promise<Readonly<Record<string, number>>> {
  const { copy, key, version, takenAt } = order;
  const [hash, mac] = [createHash('sha256'), createHmac('sha256', key)];
  const counts: Record<string, number> = {};
  let waiting = '';
  const write = async (line: unknown): Promise<void> => {
    const text = `${JSON.stringify(line)}\n`;
    hash.update(text);
    mac.update(text);
    waiting += text;
    if (waiting.length < BUFFER_CHARACTERS) return;
    await file.writeFile(waiting);
    waiting = '';
  };
  const { migrations, installation } = copy.head;
  const taken_at = formatInstant(takenAt);
  await write({ format: FORMAT, version: FORMAT_VERSION, jit: version, taken_at, installation, migrations });
  let last: readonly string[] | undefined;
  for await (const { table, columns, cells } of copy.rows) {
    if (columns !== last) await write({ table, columns });
    last = columns;
    await write(cells);
    counts[table] = (counts[table] ?? 0) + 1;
  }
  const end = { rows: counts, sha256: hash.digest('hex'), mac: mac.digest('hex') };
  await file.writeFile(`${waiting}${JSON.stringify({ end })}\n`);
  return counts;
}
