/** The low byte of SQLite's codes is what kind of error it is. */
const KIND_BITS = 0xff;
const SQLITE_FULL = 13;
/** SQLITE_IOERR_WRITE, which is what a quota looks like, and SQLITE_IOERR_SHMSIZE. */
const NOT_WRITTEN: readonly number[] = [778, 4874];

/** Is this SQLite's word that there is no room for what was to be written? All of it is undone then. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error) || !('errcode' in error)) return false;
  const code = Number(error.errcode);
  return (code & KIND_BITS) === SQLITE_FULL || NOT_WRITTEN.includes(code);
}
