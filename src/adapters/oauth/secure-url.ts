import { fail } from '../../core/errors.ts';

const LOOPBACK = /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/;

/** Is this a host name that only this machine answers to? */
export function isLoopback(url: URL): boolean {
  return LOOPBACK.test(url.hostname);
}

/** https anywhere, plain http on loopback only (DEV-09): `insecure_server` otherwise, `usage` for what is no address. */
export function requireSecureUrl(address: string): URL {
  const url = parseUrl(address);
  if (url?.protocol === 'https:') return url;
  if (url?.protocol !== 'http:') throw fail('usage', { why: `"${address}" is not an https address` });
  if (!isLoopback(url)) throw fail('insecure_server', { address: url.origin });
  return url;
}

function parseUrl(address: string): URL | undefined {
  return URL.parse(address) ?? undefined;
}
