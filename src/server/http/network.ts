import { isIPv6 } from 'node:net';

/**
 * What of an address is one customer's: an IPv4 address itself, the /64 of an IPv6 one. Whoever has one IPv6 address has
 * 2^64 of them, so counting these one by one would count nothing.
 */
export function findNetwork(address: string): string {
  const bare = address.split('%')[0] ?? '';
  if (!isIPv6(bare)) return address;
  const canonical = URL.parse(`http://[${bare}]`)?.hostname.slice(1, -1) ?? bare;
  const [head = '', tail] = canonical.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail ? tail.split(':') : [];
  const zeros = Array<string>(8 - before.length - after.length).fill('0');
  return `${[...before, ...zeros, ...after].slice(0, 4).join(':')}::/64`;
}
