import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { fail, JitError } from '../../core/errors.ts';
import type { Cell, CopiedRow } from '../../core/ports/store-copy.ts';
import { type BackupEnd, type BackupHead, FORMAT, FORMAT_VERSION } from './format.ts';

const LONGEST_LINE_BYTES = 64 * 1024 * 1024;
const NAME = /^[a-z_]+$/;
const NEWLINE = 0x0a;

export type Source = { readonly path: string; readonly key: Buffer };

export type CheckedBackup = {
  readonly head: BackupHead;
  readonly counts: Readonly<Record<string, number>>;
};

type Item = { readonly head: BackupHead } | { readonly row: CopiedRow } | { readonly end: BackupEnd };

/** Reads the file to its end; `backup_unusable` where it is not whole, was changed, or was made under another secret. */
export async function checkBackup(source: Source): Promise<CheckedBackup> {
  let head: BackupHead | undefined;
  let end: BackupEnd | undefined;
  for await (const item of readItems(source)) {
    if ('head' in item) head = item.head;
    if ('end' in item) end = item.end;
  }
  if (!head || !end) throw refuse('it is not whole');
  return { head, counts: end.rows };
}

/** The rows of a file. It may have been changed since it was judged: it is judged again, and may be refused at its end. */
export async function* readRows(source: Source): AsyncIterable<CopiedRow> {
  for await (const item of readItems(source)) if ('row' in item) yield item.row;
}

async function* readItems({ path, key }: Source): AsyncIterable<Item> {
  const [hash, mac] = [createHash('sha256'), createHmac('sha256', key)];
  const counts: Record<string, number> = {};
  let place: Pick<CopiedRow, 'table' | 'columns'> | undefined;
  let end: BackupEnd | undefined;
  let isFirst = true;
  for await (const line of readLines(path)) {
    if (end) throw refuse('something follows its end');
    const value = parse(line);
    if (isFirst) yield { head: requireHead(value) };
    else if (Array.isArray(value)) {
      if (!place || value.length !== place.columns.length) throw refuse('a row is not of its table');
      counts[place.table] = (counts[place.table] ?? 0) + 1;
      yield { row: { ...place, cells: value as readonly Cell[] } };
    } else if (isRecord(value) && 'end' in value) end = value.end as BackupEnd;
    else place = requirePlace(value);
    isFirst = false;
    if (end) continue;
    for (const digest of [hash, mac]) digest.update(line).update('\n');
  }
  if (!end) throw refuse('it is not whole: its end is missing');
  if (!isDigest(hash.digest('hex'), end.sha256))
    throw refuse('it was damaged or changed: its hash is another');
  if (!isDigest(mac.digest('hex'), end.mac))
    throw refuse('it was made under another secret than that of this configuration, or changed');
  if (JSON.stringify(counts) !== JSON.stringify(end.rows)) throw refuse('rows are missing');
  yield { end };
}

/** Without their newlines. What is not ended by one is no line. */
async function* readLines(path: string): AsyncIterable<Buffer> {
  let parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      let from = 0;
      for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
        yield Buffer.concat([...parts, chunk.subarray(from, at)]);
        [parts, length, from] = [[], 0, at + 1];
      }
      parts.push(chunk.subarray(from));
      length += chunk.length - from;
      if (length > LONGEST_LINE_BYTES) throw refuse('a line of it is far too long');
    }
  } catch (error) {
    throw error instanceof JitError ? error : refuse(String(error), error);
  }
  if (length > 0) throw refuse('it is not whole: its last line has no end');
}

function parse(line: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line));
  } catch (error) {
    throw refuse('it is no backup of jit, or was damaged', error);
  }
}

function requireHead(value: unknown): BackupHead {
  if (!isRecord(value) || value.format !== FORMAT) throw refuse('it is no backup of jit');
  if (value.version !== FORMAT_VERSION)
    throw refuse('it was written by another version of jit, in another format');
  const { jit, taken_at, installation, migrations } = value;
  if (!Array.isArray(migrations)) throw refuse('it does not say what its tables are');
  return {
    jit: String(jit),
    taken_at: String(taken_at),
    installation: typeof installation === 'string' ? installation : null,
    migrations: migrations.map(String),
  };
}

function requirePlace(value: unknown): Pick<CopiedRow, 'table' | 'columns'> {
  if (isRecord(value) && Array.isArray(value.columns)) {
    const table = String(value.table);
    const columns = value.columns.map(String);
    if ([table, ...columns].every((name) => NAME.test(name))) return { table, columns };
  }
  throw refuse('a line of it is neither a row nor a table');
}

function isDigest(made: string, said: unknown): boolean {
  if (typeof said !== 'string' || said.length !== made.length) return false;
  return timingSafeEqual(Buffer.from(made), Buffer.from(said.padEnd(made.length).slice(0, made.length)));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuse(why: string, cause?: unknown): JitError {
  return fail('backup_unusable', { why }, cause);
}
