import { fstatSync, statSync } from 'node:fs';
import type { Writable } from 'node:stream';
import type { TerminalParts } from './capabilities.ts';
import { createPlainOutput } from './plain-output.ts';

export type StandardStreams = TerminalParts & {
  /** Those that were opened and may still hold something that has not gone out. */
  readonly opened: () => readonly Writable[];
};

const DESCRIPTORS = { stdout: 1, stderr: 2 } as const;

/** The process's own streams, each opened when it is looked at. Of stdout only a terminal needs to be a stream. */
export function createStandardStreams(
  process: Pick<NodeJS.Process, 'stdin' | 'stdout' | 'stderr'>,
  environment: TerminalParts['environment'],
): StandardStreams {
  const opened = new Set<Writable>();
  const open = (name: 'stdout' | 'stderr'): NodeJS.WriteStream => {
    opened.add(process[name]);
    return process[name];
  };
  const plain = mayBeTerminal(DESCRIPTORS.stdout) ? undefined : createPlainOutput(DESCRIPTORS.stdout);
  return {
    environment,
    get stdin() {
      return process.stdin;
    },
    get stdout() {
      return plain ?? open('stdout');
    },
    get stderr() {
      return open('stderr');
    },
    isTerminal: (name) => mayBeTerminal(DESCRIPTORS[name]) && open(name).isTTY,
    opened: () => [...opened],
  };
}

/** Terminals are character devices; of the others, /dev/null is what scripts use. */
function mayBeTerminal(descriptor: number): boolean {
  try {
    const found = fstatSync(descriptor);
    return found.isCharacterDevice() && found.rdev !== statSync('/dev/null').rdev;
  } catch {
    // Closed: what Node makes of that is left to Node.
    return true;
  }
}
