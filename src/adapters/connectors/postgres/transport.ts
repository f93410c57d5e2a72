import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { isLoopbackHost } from '../../../core/config/address.ts';
import { fail } from '../../../core/errors.ts';

const MOST_BYTES = 32_768;

/** As `tls:` in the configuration says it. */
export const TLS_MODES = ['verify-full', 'require', 'disable-on-loopback'] as const;
export type TlsSettings = {
  readonly mode?: (typeof TLS_MODES)[number] | undefined;
  /** A file in PEM with the authorities that the server's certificate may come from. */
  readonly ca?: string | undefined;
};

/** How connections to a server are protected, jit's and those of engineers. */
export type Transport = {
  /** As libpq understands it; undefined where nothing was said and nothing leaves the machine. */
  readonly sslMode: string | undefined;
  readonly ssl: ConnectionOptions | false;
  /** In PEM, where it is compared with. */
  readonly authorities: string | undefined;
};

/** Does a connection to this host stay on this machine? A folder is that of a socket. */
export function isLocalHost(host: string): boolean {
  return host.startsWith('/') || isLoopbackHost(host);
}

/** Beyond this machine a server is verified unless something else is said. Throws `target_failed` for what cannot be. */
export function buildTransport(options: {
  readonly target: string;
  readonly host: string;
  /** Of the URL: `sslmode` and `sslrootcert`. */
  readonly sslMode: string | undefined;
  readonly rootFile: string | undefined;
  readonly tls: TlsSettings;
}): Transport {
  const { target, host, tls } = options;
  const sslMode = tls.mode === 'disable-on-loopback' ? 'disable' : (tls.mode ?? options.sslMode);
  const file = tls.ca ?? options.rootFile;
  const mode = sslMode ?? (isLocalHost(host) && file === undefined ? undefined : 'verify-full');
  const authorities = file === undefined ? undefined : readAuthorities(file, target);
  const ssl = buildSsl(mode, { host, target, authorities });
  // libpq would verify for "require" too, if it had them.
  return { sslMode: mode, ssl, authorities: mode?.startsWith('verify') ? authorities : undefined };
}

function buildSsl(
  mode: string | undefined,
  options: { readonly authorities: string | undefined; readonly host: string; readonly target: string },
): ConnectionOptions | false {
  const { target, authorities } = options;
  const roots = authorities === undefined ? {} : { ca: authorities };
  if (mode === 'disable' && !isLocalHost(options.host)) {
    throw fail('target_failed', { target, why: 'no TLS is for a server on this machine only' });
  }
  if (mode === undefined || mode === 'disable') return false;
  if (mode === 'require') return { ...roots, rejectUnauthorized: false };
  if (mode === 'verify-ca') return { ...roots, checkServerIdentity: () => undefined };
  if (mode === 'verify-full') return roots;
  const why = 'sslmode must be disable, require, verify-ca or verify-full';
  throw fail('target_failed', { target, why });
}

/** Small enough to go to an engineer's machine with each credential. */
function readAuthorities(file: string, target: string): string {
  try {
    const text = readFileSync(file, 'utf8');
    new X509Certificate(text);
    if (Buffer.byteLength(text) <= MOST_BYTES) return text;
  } catch (cause) {
    throw fail('target_failed', { target, why: `${file} cannot be read as certificates in PEM` }, cause);
  }
  throw fail('target_failed', { target, why: `${file} is larger than ${MOST_BYTES} bytes` });
}
