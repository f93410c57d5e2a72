import type { ListenAddress } from '../config.ts';

/** `127.0.0.1:7420`, `[::1]:7420`, `localhost:7420`; undefined for anything else. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+)):(\d{1,5})$/i.exec(text);
  const port = Number(match?.[3]);
  const host = match?.[1] ?? match?.[2];
  return host !== undefined && port >= 1 && port <= 65_535 ? { host, port } : undefined;
}

/** Only this machine can reach it. */
export function isLoopbackHost(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
  return bare === 'localhost' || bare === '::1' || /^127(\.\d{1,3}){3}$/.test(bare);
}

/** The origin alone: scheme, host, port. Undefined where there is a path, a query, a user, or another scheme. */
export function parseOrigin(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol)) return undefined;
  return text.toLowerCase().replace(/\/$/, '') === url.origin ? url : undefined;
}

/** An address or a CIDR block, by its shape. */
export function isAddressBlock(text: string): boolean {
  const v4 = /^((?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3})(?:\/(\d{1,2}))?$/.exec(text);
  if (v4) {
    return (v4[1] ?? '').split('.').every((part) => Number(part) <= 255) && Number(v4[2] ?? 0) <= 32;
  }
  const v6 = /^([0-9a-f:]*:[0-9a-f:]*)(?:\/(\d{1,3}))?$/i.exec(text);
  return v6 !== null && URL.canParse(`http://[${v6[1]}]`) && Number(v6[2] ?? 0) <= 128;
}

/** Does this Node know the zone? */
export function isTimeZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** An address that the server may call: https, or plain http on this machine; no password in it, no fragment. */
export function isCallUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url?.username !== '' || url.password !== '' || text.includes('#')) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname));
}
