import { LONGEST_MESSAGE_BYTES, MOST_BYTES } from './limits.ts';

const NEWLINE = 0x0a;

export type LineReader = {
  /** Takes what was read; false when a limit was broken, and nothing more is wanted. */
  readonly take: (chunk: Uint8Array) => boolean;
  /** A new question: what was written before does not count any more. */
  readonly restart: () => void;
};

export type LineSink = {
  readonly onLine: (line: string) => void;
  /** Said once, in words. */
  readonly onFault: (why: string) => void;
};

/** Cuts a stream of bytes into lines of UTF-8, within the limits: no more than one line is ever kept. */
export function createLineReader({ onLine, onFault }: LineSink): LineReader {
  let parts: Uint8Array[] = [];
  let keptBytes = 0;
  let totalBytes = 0;
  let isOver = false;

  const stop = (why: string): false => {
    isOver = true;
    parts = [];
    onFault(why);
    return false;
  };
  const finish = (): boolean => {
    const bytes = Buffer.concat(parts);
    parts = [];
    keptBytes = 0;
    const line = decodeLine(bytes);
    if (line === undefined) return stop('it is not UTF-8 text');
    onLine(line);
    return true;
  };
  const takeRest = (chunk: Uint8Array): boolean => {
    const end = chunk.indexOf(NEWLINE);
    const piece = end < 0 ? chunk : chunk.subarray(0, end);
    keptBytes += piece.length;
    if (keptBytes > LONGEST_MESSAGE_BYTES)
      return stop(`a message is longer than ${LONGEST_MESSAGE_BYTES} bytes`);
    parts.push(piece);
    if (end < 0) return true;
    return finish() && !isOver && (end + 1 === chunk.length || takeRest(chunk.subarray(end + 1)));
  };
  return {
    take: (chunk) => {
      if (isOver) return false;
      totalBytes += chunk.length;
      if (totalBytes > MOST_BYTES) return stop(`it wrote more than ${MOST_BYTES} bytes`);
      return takeRest(chunk);
    },
    restart: () => {
      totalBytes = 0;
    },
  };
}

function decodeLine(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
