import type { IncomingMessage } from 'node:http';

/**
 * The address a request came from: the socket's, unless that is a trusted proxy: then the rightmost of
 * X-Forwarded-For that is none.
 */
export function findClientAddress(message: IncomingMessage, trustedProxies: readonly string[]): string {
  const socketAddress = plain(message.socket.remoteAddress ?? '');
  if (!trustedProxies.includes(socketAddress)) return socketAddress;
  const forwarded = String(message.headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((part) => plain(part.trim()))
    .filter((part) => part !== '');
  return forwarded.reverse().find((address) => !trustedProxies.includes(address)) ?? socketAddress;
}

/** An IPv4 address that arrived on an IPv6 socket, as people write it. */
function plain(address: string): string {
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
}
