import type { Readable, Writable } from 'node:stream';

export type InputStream = Readable & { readonly isTTY?: boolean; readonly isRaw?: boolean };

/** Where text goes. */
export type TextOutput = {
  readonly isTTY?: boolean;
  write(text: string): unknown;
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown;
};

export type OutputStream = Writable & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

/** The three streams and the variables that say what may be done with them. A stream is looked at when it matters. */
export type TerminalParts = {
  readonly stdin: InputStream;
  readonly stdout: TextOutput;
  readonly stderr: OutputStream;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whether it is one, without opening it where it is not; the stream itself says where nothing else does. */
  readonly isTerminal?: (name: 'stdout' | 'stderr') => boolean;
};

const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;

export type Capabilities = {
  /** Of stderr; 80 where it has none. */
  readonly columns: number;
  /** Of stderr; 24 where it has none. */
  readonly rows: number;
  /** Questions may be asked. */
  readonly interactive: boolean;
  /** Lines on stderr may be rewritten. */
  readonly animated: boolean;
  /** stdout is a screen that may be drawn again. */
  readonly hasScreen: boolean;
  readonly colour: { readonly stdout: boolean; readonly stderr: boolean };
};

/** NO_COLOR beats FORCE_COLOR beats CI, TERM=dumb and the absence of a TTY. */
export function detectCapabilities(parts: TerminalParts): Capabilities {
  const { environment } = parts;
  const ci = isSet(environment.CI);
  const dumb = environment.TERM === 'dumb';
  const isTerminal = (name: 'stdout' | 'stderr'): boolean =>
    parts.isTerminal?.(name) ?? parts[name].isTTY === true;
  const colourOn = (name: 'stdout' | 'stderr'): boolean => {
    if (environment.NO_COLOR) return false;
    if (environment.FORCE_COLOR) return isSet(environment.FORCE_COLOR);
    return !ci && !dumb && isTerminal(name);
  };
  return {
    get columns() {
      return (isTerminal('stderr') && parts.stderr.columns) || DEFAULT_COLUMNS;
    },
    get rows() {
      return (isTerminal('stderr') && parts.stderr.rows) || DEFAULT_ROWS;
    },
    get interactive() {
      return !ci && isTerminal('stderr') && parts.stdin.isTTY === true;
    },
    animated: !ci && !dumb && isTerminal('stderr'),
    get hasScreen() {
      return !ci && isTerminal('stdout');
    },
    colour: { stdout: colourOn('stdout'), stderr: colourOn('stderr') },
  };
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0' && value !== 'false';
}
