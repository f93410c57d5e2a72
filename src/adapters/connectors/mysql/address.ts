import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { SslOptions } from 'mysql2';
import { isLoopbackHost } from '../../../core/config/address.ts';
import { fail } from '../../../core/errors.ts';
import { Secret } from '../../../core/secret.ts';

const DEFAULT_PORT = 3306;

/** What MySQL's clients call it, as far as it is about a connection that jit makes. */
export type SslMode = 'DISABLED' | 'REQUIRED' | 'VERIFY_CA' | 'VERIFY_IDENTITY';

/** Where a server is and who the administrator is, as its URL says. */
export type Address = {
  readonly host: string;
  readonly port: number;
  /** What engineers are connected to; empty when the URL does not say. */
  readonly database: string;
  readonly user: string;
  readonly password: Secret | undefined;
  readonly sslMode: SslMode;
  /** Undefined: no encryption. */
  readonly ssl: SslOptions | undefined;
};

/** Reads `mysql://user:password@host:port/database?ssl-mode=…`. The URL is in no error: it has a password. */
export function parseAddress(url: Secret, target: string): Address {
  const parts = readUrl(url, target);
  const host = decodeURIComponent(parts.hostname).replace(/^\[(.+)\]$/, '$1');
  const sslMode = readSslMode(parts, { host, target });
  return {
    host,
    port: Number(parts.port || DEFAULT_PORT),
    database: readDatabase(parts, target),
    user: decodeURIComponent(parts.username),
    password: parts.password === '' ? undefined : new Secret(decodeURIComponent(parts.password)),
    sslMode,
    ssl: buildSsl(sslMode, { host, rootFile: parts.searchParams.get('ssl-ca'), target }),
  };
}

/** Must the server be told to refuse a login that is not encrypted? */
export function isSslRequired(address: Address): boolean {
  return address.sslMode !== 'DISABLED';
}

function readUrl(url: Secret, target: string): URL {
  const parts = URL.parse(url.reveal());
  if (parts && /^(mysql|mariadb):$/.test(parts.protocol) && parts.hostname && parts.username) return parts;
  throw fail('target_failed', { target, why: 'its url is not a mysql:// URL with a user and a host' });
}

function readDatabase(parts: URL, target: string): string {
  const database = decodeURIComponent(parts.pathname.slice(1));
  if (/^[A-Za-z0-9_$-]{0,64}$/.test(database)) return database;
  const why = 'the database in its url has characters besides letters, digits, "_", "$" and "-"';
  throw fail('target_failed', { target, why });
}

/** Beyond this machine a server is verified unless something else is said, and never connected to in plain. */
function readSslMode(
  parts: URL,
  { host, target }: { readonly host: string; readonly target: string },
): SslMode {
  const usual = isLoopbackHost(host) ? 'DISABLED' : 'VERIFY_IDENTITY';
  const mode = (parts.searchParams.get('ssl-mode') ?? usual).toUpperCase();
  if (mode === 'DISABLED' && isLoopbackHost(host)) return mode;
  if (mode === 'REQUIRED' || mode === 'VERIFY_CA' || mode === 'VERIFY_IDENTITY') return mode;
  const choice =
    mode === 'DISABLED'
      ? 'ssl-mode=DISABLED is for a server on this machine only'
      : 'ssl-mode must be DISABLED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY';
  throw fail('target_failed', { target, why: choice });
}

function buildSsl(
  mode: SslMode,
  options: { readonly host: string; readonly rootFile: string | null; readonly target: string },
): SslOptions | undefined {
  const { host, rootFile, target } = options;
  if (mode === 'DISABLED') return undefined;
  const roots = rootFile === null ? {} : { ca: readRoots(rootFile, target) };
  if (mode === 'REQUIRED') return { ...roots, rejectUnauthorized: false };
  if (mode === 'VERIFY_CA') return { ...roots, rejectUnauthorized: true };
  // The driver would compare the certificate with "localhost" instead of an address.
  if (isIP(host) === 0) return { ...roots, rejectUnauthorized: true, verifyIdentity: true };
  throw fail('target_failed', {
    target,
    why: 'ssl-mode VERIFY_IDENTITY, the usual one, wants the name of a host in the url',
  });
}

function readRoots(file: string, target: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw fail('target_failed', { target, why: `ssl-ca ${file} cannot be read` }, cause);
  }
}
