import type { Writable } from 'node:stream';

/** How a program ends. */
export type Departure = {
  readonly exitCode: number;
  /** A thread is blocked in a native call that nothing can interrupt. */
  readonly stuck: boolean;
  /** The output streams that were used; stdout and stderr where nothing is said. */
  readonly opened?: readonly Writable[];
};

/** What leaving needs of the process; `bin/jit.js` passes `process`. */
export type LeavingProcess = Pick<NodeJS.Process, 'stdin' | 'stdout' | 'stderr' | 'exit' | 'kill' | 'pid'> &
  Partial<Pick<NodeJS.Process, 'execve'>>;

const FLUSH_MS = 500;
const SHELL = '/bin/sh';

/**
 * Ends the process with the departure's code, after everything that was written has gone out. `process.exit` waits for
 * blocked threads, for ever: with one of those, the process becomes a shell that exits with the code instead (S14).
 */
export async function leave(departure: Departure, process: LeavingProcess): Promise<void> {
  const opened = departure.opened ?? [process.stdout, process.stderr];
  const flushed = Promise.all(opened.map(flush));
  if (!departure.stuck) {
    await flushed;
    process.exit(departure.exitCode);
  }
  await Promise.race([flushed, new Promise((resolve) => setTimeout(resolve, FLUSH_MS))]);
  // Node does this when it exits; a process that is replaced does not get there.
  if (process.stdin.isTTY && process.stdin.isRaw) process.stdin.setRawMode(false);
  process.execve?.(SHELL, ['sh', '-c', `exit ${departure.exitCode}`], {});
  process.kill(process.pid, 'SIGKILL');
}

function flush(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    // A reader that has gone away is no reason not to leave.
    stream.once('error', () => resolve());
    stream.write('', () => resolve());
  });
}
