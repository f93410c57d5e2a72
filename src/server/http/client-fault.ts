import type { IncomingMessage } from 'node:http';

/** What a stream says that ended because the other side left, or was too slow for the limits of `core/limits.ts`. */
const LEFT: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ERR_HTTP_REQUEST_TIMEOUT',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_PREMATURE_CLOSE',
]);

/**
 * Is this error a client's own doing: one that is meant for it, or that it left before it was answered? Nobody here is
 * told of those; anyone could fill a log with them. The same codes from elsewhere, a database say, are not: the request
 * is still there then.
 */
export function isClientFault(error: unknown, request: IncomingMessage | undefined): boolean {
  if (!(error instanceof Error)) return false;
  if ('expose' in error && error.expose === true) return true;
  // Of node's HTTP parser: what came was no HTTP, or ended in the middle.
  if ('code' in error && String(error.code).startsWith('HPE_')) return true;
  const hasLeft = request === undefined || request.destroyed || request.socket.destroyed;
  return hasLeft && 'code' in error && LEFT.has(String(error.code));
}
