import { pino } from 'pino';
import type { Clock } from '../../core/ports/clock.ts';
import type { Log, LogField, LogLevel } from '../../core/ports/log.ts';
import { removeHidden } from '../../core/text.ts';
import { describeError } from './describe-error.ts';

/** What is kept for a reader that does not read; what comes after is lost, and the server goes on. */
const MOST_KEPT_BYTES = 8 * 1024 * 1024;
const FLUSH_MS = 1_000;
const STDOUT = 1;
const GATHER_MS = 5;
/** Each line is written at once, as with 0; but at 0 a flush of this stream does not wait for what is being written. */
const LEAST_WRITTEN_BYTES = 1;

export type JsonLogOptions = {
  readonly level: LogLevel;
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
  /** A file descriptor, or the path of a file; stdout where nothing is said. */
  readonly destination?: number | string;
};

export type JsonLog = {
  readonly write: Log;
  readonly setLevel: (level: LogLevel) => void;
  /** Resolves when everything is written, or nobody reads it: then a thread is blocked in the write, for as long. */
  readonly close: () => Promise<'written' | 'stuck'>;
};

/** One JSON document a line, by pino; harmless on a terminal too (S12). Written by this process, in the background. */
export function openJsonLog({ level, clock, destination = STDOUT }: JsonLogOptions): JsonLog {
  const out = pino.destination({
    dest: destination,
    sync: false,
    minLength: LEAST_WRITTEN_BYTES,
    maxLength: MOST_KEPT_BYTES,
  });
  const gathered = gather(out);
  const logger = pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
      formatters: { level: (name) => ({ level: name }) },
    },
    gathered,
  );
  return {
    write: ({ level: own, event, fields = {}, error }) => {
      if (!logger.isLevelEnabled(own)) return;
      const told = error === undefined ? {} : { error: clean(describeError(error)) };
      logger[own]({ event, ...cleanFields(fields), ...told });
    },
    setLevel: (next) => {
      logger.level = next;
    },
    close: async () => {
      gathered.pass();
      const written = new Promise<'written'>((resolve) => out.flush(() => resolve('written')));
      return await Promise.race([written, clock.sleep(FLUSH_MS).then(() => 'stuck' as const)]);
    },
  };
}

/** What comes within a few milliseconds is one write: of a busy server's time one for each line would take a twelfth. */
function gather(out: { write(text: string): unknown }): {
  readonly write: (line: string) => void;
  readonly pass: () => void;
} {
  let lines = '';
  const pass = (): void => {
    const text = lines;
    lines = '';
    if (text !== '') out.write(text);
  };
  return {
    write: (line) => {
      if (lines === '') setTimeout(pass, GATHER_MS);
      lines += line;
    },
    pass,
  };
}

function cleanFields(fields: Readonly<Record<string, LogField>>): Readonly<Record<string, LogField>> {
  const cleaned: Record<string, LogField> = {};
  for (const [name, value] of Object.entries(fields))
    if (value !== undefined) cleaned[name] = typeof value === 'string' ? removeHidden(value) : value;
  return cleaned;
}

/** JSON escapes what it must, and not what a terminal acts upon. */
function clean(value: unknown): unknown {
  if (typeof value === 'string') return removeHidden(value);
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, clean(inner)]));
}
