import { SECOND_MS } from '../../core/time.ts';

const FIRST_RETRY_MS = SECOND_MS;

/**
 * How long to wait before what failed is tried again: doubles from one second to the longest, for ever, and up to a
 * quarter more, by its id, so that many that failed together are not all tried again at once.
 */
export function findBackOffMs(failed: {
  readonly id: string;
  readonly attempts: number;
  readonly longestMs: number;
}): number {
  const { id, attempts, longestMs } = failed;
  const delayMs = Math.min(longestMs, FIRST_RETRY_MS * 2 ** Math.min(attempts - 1, 10));
  return Math.round(delayMs * (1 + spread(`${id}${attempts}`) / 4));
}

/** From 0 to 1, the same for the same text (FNV-1a). */
function spread(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) / 2 ** 32;
}
