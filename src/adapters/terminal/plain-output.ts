import { writeSync } from 'node:fs';
import type { TextOutput } from './capabilities.ts';

const RETRY_MS = 5;

/**
 * Writes to a file or a pipe without a stream, which would take 3 ms and 2 MiB to open: a lot for `$(jit token)`. What
 * is written has gone out when `write` returns.
 */
export function createPlainOutput(descriptor: number): TextOutput {
  const listeners: ((error: NodeJS.ErrnoException) => void)[] = [];
  return {
    isTTY: false,
    on: (_event, listener) => listeners.push(listener),
    write: (text) => {
      try {
        writeAll(descriptor, Buffer.from(text));
      } catch (error) {
        for (const listener of listeners) listener(error as NodeJS.ErrnoException);
      }
    },
  };
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let start = 0; start < bytes.length; ) start += writeSome(descriptor, bytes.subarray(start));
}

/** Somebody who shares the pipe may have made it one that does not wait: npx does. */
function writeSome(descriptor: number, bytes: Uint8Array): number {
  try {
    return writeSync(descriptor, bytes);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    return 0;
  }
}
