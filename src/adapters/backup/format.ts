/** The first words of a file that is one of ours. */
export const FORMAT = 'jit-backup';
export const FORMAT_VERSION = 1;

/** The first line. */
export type BackupHead = {
  readonly jit: string;
  readonly taken_at: string;
  readonly installation: string | null;
  readonly migrations: readonly string[];
};

/** The last line: how many rows, and the hash and the MAC of all bytes before it. */
export type BackupEnd = {
  readonly rows: Readonly<Record<string, number>>;
  readonly sha256: string;
  readonly mac: string;
};
