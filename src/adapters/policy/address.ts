import { isIP } from 'node:net';
import { fail } from '../../core/errors.ts';

/**
 * One address in the form that rules compare: an IPv4 address seen on an IPv6 socket (`::ffff:10.0.0.1`) is the IPv4
 * address, a zone (`%eth0`) is dropped. Throws `failed` for anything else: Cedar would take `10.0.0.1/8` as a range.
 */
export function normaliseAddress(ip: string): string {
  const bare = ip.replace(/%.*$/s, '').replace(/^::ffff:(?=\d+\.)/i, '');
  if (isIP(bare) === 0) throw fail('failed', { why: `"${ip}" is not an address` });
  return bare;
}
