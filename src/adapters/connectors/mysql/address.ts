import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { SslOptions } from 'mysql2';
import { isLoopbackHost } from '../../../core/config/address.ts';
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
  readonly password: Secret;
  readonly sslMode: SslMode;
  /** Undefined: no encryption. */
  readonly ssl: SslOptions | undefined;
};

/** Makes an error of what is wrong with a URL: the end of a sentence that begins with it. */
export type Refuse = (why: string, cause?: unknown) => Error;

const KNOWN_SETTINGS: readonly string[] = ['ssl-mode', 'ssl-ca'];

/** Reads `mysql://user:password@host:port/database?ssl-mode=…`. The URL is in no error: it has a password. */
export function parseAddress(url: Secret, refuse: Refuse): Address {
  const parts = readUrl(url, refuse);
  const decode = (text: string): string => decodePart(text, refuse);
  const host = decode(parts.hostname).replace(/^\[(.+)\]$/, '$1');
  const sslMode = readSslMode(parts, { host, refuse });
  return {
    host,
    port: Number(parts.port || DEFAULT_PORT),
    database: readDatabase(decode(parts.pathname.slice(1)), refuse),
    user: decode(parts.username),
    password: new Secret(decode(parts.password)),
    sslMode,
    ssl: buildSsl(sslMode, { host, rootFile: parts.searchParams.get('ssl-ca'), refuse }),
  };
}

/** Must the server be told to refuse a login that is not encrypted? */
export function isSslRequired(address: Address): boolean {
  return address.sslMode !== 'DISABLED';
}

function readUrl(url: Secret, refuse: Refuse): URL {
  const parts = URL.parse(url.reveal());
  if (!parts || !/^(mysql|mariadb):$/.test(parts.protocol) || !parts.hostname || !parts.username)
    throw refuse('is not a mysql:// URL with a user and a host');
  // Without one whoever reaches the server is its administrator; and it is what jit's locks there are named with.
  if (parts.password === '') throw refuse("has no password: give jit's administrator one");
  // Of a setting that is spelt wrongly nobody would notice that it does nothing.
  if (![...parts.searchParams.keys()].every((name) => KNOWN_SETTINGS.includes(name)))
    throw refuse(`has settings behind "?" besides ${KNOWN_SETTINGS.join(' and ')}`);
  return parts;
}

function decodePart(text: string, refuse: Refuse): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refuse('has a "%" that begins no escape: in a user or a password it is written as %25');
  }
}

function readDatabase(database: string, refuse: Refuse): string {
  if (/^[A-Za-z0-9_$-]{0,64}$/.test(database)) return database;
  throw refuse('names a database with characters besides letters, digits, "_", "$" and "-"');
}

/** Beyond this machine a server is verified unless something else is said, and never connected to in plain. */
function readSslMode(
  parts: URL,
  { host, refuse }: { readonly host: string; readonly refuse: Refuse },
): SslMode {
  const usual = isLoopbackHost(host) ? 'DISABLED' : 'VERIFY_IDENTITY';
  const mode = (parts.searchParams.get('ssl-mode') ?? usual).toUpperCase();
  if (mode === 'DISABLED' && isLoopbackHost(host)) return mode;
  if (mode === 'REQUIRED' || mode === 'VERIFY_CA' || mode === 'VERIFY_IDENTITY') return mode;
  throw refuse(
    mode === 'DISABLED'
      ? 'has ssl-mode=DISABLED, which is for a server on this machine only'
      : 'has an ssl-mode that is not DISABLED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY',
  );
}

function buildSsl(
  mode: SslMode,
  options: { readonly host: string; readonly rootFile: string | null; readonly refuse: Refuse },
): SslOptions | undefined {
  const { host, rootFile, refuse } = options;
  if (mode === 'DISABLED') return undefined;
  const roots = rootFile === null ? {} : { ca: readRoots(rootFile, refuse) };
  if (mode === 'REQUIRED') return { ...roots, rejectUnauthorized: false };
  if (mode === 'VERIFY_CA') return { ...roots, rejectUnauthorized: true };
  // The driver would compare the certificate with "localhost" instead of an address.
  if (isIP(host) === 0) return { ...roots, rejectUnauthorized: true, verifyIdentity: true };
  throw refuse('wants the name of a host, not an address, for ssl-mode=VERIFY_IDENTITY, the usual one');
}

function readRoots(file: string, refuse: Refuse): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw refuse(`names the ssl-ca ${file}, which cannot be read`, cause);
  }
}
