import { fstatSync } from 'node:fs';
import type { Writable } from 'node:stream';
import type { TerminalParts } from './capabilities.ts';
import { createPlainOutput } from './plain-output.ts';

export type StandardStreams = TerminalParts & {
  /** Those that were opened and may still hold something that has not gone out. */
  readonly opened: () => readonly Writable[];
};

const STDOUT = 1;

/** The process's own streams, each opened when it is looked at. Of stdout only a terminal needs to be a stream. */
export function createStandardStreams(
  process: Pick<NodeJS.Process, 'stdin' | 'stdout' | 'stderr'>,
  environment: TerminalParts['environment'],
): StandardStreams {
  const opened = new Set<Writable>();
  const open = <T extends Writable>(stream: T): T => {
    opened.add(stream);
    return stream;
  };
  const plain = mayBeTerminal(STDOUT) ? undefined : createPlainOutput(STDOUT);
  return {
    environment,
    get stdin() {
      return process.stdin;
    },
    get stdout() {
      return plain ?? open(process.stdout);
    },
    get stderr() {
      return open(process.stderr);
    },
    opened: () => [...opened],
  };
}

function mayBeTerminal(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isCharacterDevice();
  } catch {
    // Closed: what Node makes of that is left to Node.
    return true;
  }
}
