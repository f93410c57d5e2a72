import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, isIPv4 } from 'node:net';

/** What of a request says where it came from. */
export type Arrival = Pick<IncomingMessage, 'headers'> & {
  readonly socket: { readonly remoteAddress?: string | undefined };
};

/** The address a request came from, as people write it. */
export type ReadAddress = (message: Arrival) => string;

/**
 * Makes the reader for these trusted proxies, each an address or a CIDR block: the address is the socket's, unless that
 * is a trusted proxy: then the rightmost of X-Forwarded-For that is none. A proxy that writes something else there, or
 * nothing, counts as the client itself.
 */
export function createAddressReader(trustedProxies: readonly string[]): ReadAddress {
  const isTrusted = createMatcher(trustedProxies);
  return (message) => {
    const socketAddress = plain(message.socket.remoteAddress ?? '');
    if (!isTrusted(socketAddress)) return socketAddress;
    const forwarded = String(message.headers['x-forwarded-for'] ?? '').split(',');
    const client = forwarded
      .map((part) => plain(withoutPort(part.trim())))
      .filter((part) => part !== '')
      .findLast((address) => !isTrusted(address));
    return client !== undefined && isIP(client) !== 0 ? client : socketAddress;
  };
}

function createMatcher(blocks: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const block of blocks) {
    const [network = '', length] = block.split('/');
    const family = isIPv4(network) ? 'ipv4' : 'ipv6';
    list.addSubnet(network, Number(length ?? (family === 'ipv4' ? 32 : 128)), family);
  }
  return (address) => {
    const bare = address.split('%')[0] ?? '';
    return isIP(bare) !== 0 && list.check(bare, isIPv4(bare) ? 'ipv4' : 'ipv6');
  };
}

/** Some proxies write the port as well. */
function withoutPort(part: string): string {
  const [, bracketed, dotted] = /^(?:\[([^\]]+)\](?::\d+)?|(\d+(?:\.\d+){3}):\d+)$/.exec(part) ?? [];
  return bracketed ?? dotted ?? part;
}

/** An IPv4 address that arrived on an IPv6 socket, as people write it. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}
