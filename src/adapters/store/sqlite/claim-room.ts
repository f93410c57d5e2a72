import type { DatabaseSync } from 'node:sqlite';

const MIB = 1024 * 1024;
/** Two of these make the log longer than it gets before it begins anew by itself, with the longest group of writes. */
const PIECE_BYTES = 2.5 * MIB;
const LOG_BYTES = 2 * PIECE_BYTES;
/** So much of the reserve becomes empty pages of the database; most of the rest is what its log grows to meanwhile. */
const CLAIM_BYTES = 15 * MIB;
const NAME = 'room:';

/**
 * Takes the room that was just given up into the database's own files, as empty pages, before another program that fills
 * the disk does. As much as there is; whatever goes wrong, the database is as it was.
 */
export function claimRoom(file: DatabaseSync): void {
  const fill = file.prepare("insert into settings (name, value) values (?, printf('%.*c', ?, 'x'))");
  try {
    const wantedBytes = Math.max(LOG_BYTES, CLAIM_BYTES - readEmptyBytes(file));
    for (let bytes = 0; bytes < wantedBytes; bytes += PIECE_BYTES) fill.run(`${NAME}${bytes}`, PIECE_BYTES);
  } catch {
    // The disk is full again: what there was is taken.
  }
  // What is only in the log so far has no room in the database yet.
  foldLog(file);
  dropClaim(file);
}

/** Moves what is in the log into the database, so that the log begins anew in the room that it has. False where it cannot. */
export function foldLog(file: DatabaseSync): boolean {
  try {
    const { busy, log, checkpointed } = file.prepare('pragma wal_checkpoint(passive)').get() ?? {};
    return busy === 0 && Number(log) > 0 && log === checkpointed;
  } catch {
    return false;
  }
}

/** What was filled becomes empty pages, which stay the database's. */
export function dropClaim(file: DatabaseSync): void {
  try {
    file.prepare('delete from settings where name glob ?').run(`${NAME}*`);
  } catch {
    // Not even this could be written: it is dropped with the next claim, or at the next start.
  }
}

function readEmptyBytes(file: DatabaseSync): number {
  const read = (name: string): number => Number(Object.values(file.prepare(`pragma ${name}`).get() ?? {})[0]);
  return read('freelist_count') * read('page_size');
}
