export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const LOG_FORMATS = ['text', 'json'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

export type LogField = string | number | boolean | null | undefined;

/** One line of the server's log. */
export type LogEntry = {
  readonly level: LogLevel;
  /** What happened, in words that never change: `request.answered`. */
  readonly event: string;
  /** Never a secret (I5). They may come from outside: whoever writes them makes them harmless (S12). */
  readonly fields?: Readonly<Record<string, LogField>>;
  /** What went wrong, as it was caught. */
  readonly error?: unknown;
};

/** Where the server tells of itself. MUST NOT throw, and MUST NOT keep the caller waiting for whoever reads it. */
export type Log = (entry: LogEntry) => void;
