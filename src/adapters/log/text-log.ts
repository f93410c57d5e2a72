import type { Log, LogEntry } from '../../core/ports/log.ts';

export type TextLogOptions = {
  /** Prints one line, neutralised (S12). */
  readonly tell: (line: string) => void;
  readonly mark: string;
};

/** For whoever looks on: what needs them, one line each, and nothing of what goes well. */
export function createTextLog({ tell, mark }: TextLogOptions): Log {
  return (entry) => {
    if (entry.level === 'warn' || entry.level === 'error') tell(`${mark} ${describe(entry)}`);
  };
}

function describe({ event, error, fields = {} }: LogEntry): string {
  if (error instanceof Error) return `${error.name}: ${error.message}`;
  if (error !== undefined) return JSON.stringify(error);
  const words = Object.entries(fields).map(([name, value]) => `${name}=${String(value)}`);
  return [event, ...words].join(' ');
}
