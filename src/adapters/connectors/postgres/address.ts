import { findPostgresUrlFault } from '../../../core/config/postgres-url.ts';
import { fail } from '../../../core/errors.ts';
import { Secret } from '../../../core/secret.ts';
import { buildTransport, type TlsSettings, type Transport } from './transport.ts';

const DEFAULT_PORT = 5432;

/** Where a server is and who the administrator is, as its URL says. `host` may be a socket's folder. */
export type Address = Transport & {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: Secret | undefined;
};

/** Reads `postgres://user:password@host:port/database?sslmode=…`. The URL is in no error: it has a password. */
export function parseAddress(
  url: Secret,
  options: { readonly target: string; readonly tls?: TlsSettings | undefined },
): Address {
  const { target, tls = {} } = options;
  const parts = readUrl(url, target);
  const host = readHost(parts);
  const { sslMode, rootFile } = readUrlTls(parts);
  return {
    host,
    port: readPort(parts),
    database: decodeURIComponent(parts.pathname.slice(1)) || 'postgres',
    user: readUser(parts),
    password: parts.password === '' ? undefined : new Secret(decodeURIComponent(parts.password)),
    ...buildTransport({ target, host, sslMode, rootFile, tls }),
  };
}

/** What a URL says about where it leads, who goes there and how that is protected, for checks. */
export function readPlace(url: Secret): Pick<Address, 'host' | 'port' | 'user'> & UrlTls {
  const parts = readUrl(url, 'the target');
  return { host: readHost(parts), port: readPort(parts), user: readUser(parts), ...readUrlTls(parts) };
}

type UrlTls = { readonly sslMode: string | undefined; readonly rootFile: string | undefined };

function readUrlTls({ searchParams }: URL): UrlTls {
  return {
    sslMode: searchParams.get('sslmode') ?? undefined,
    rootFile: searchParams.get('sslrootcert') ?? undefined,
  };
}

/** What is wrong with a URL of a configuration; undefined where it can be read. */
export function findUrlFault(url: Secret): string | undefined {
  const parts = parseUrl(url);
  return parts ? findPostgresUrlFault(parts) : 'is not a postgres:// URL';
}

function readUrl(url: Secret, target: string): URL {
  const parts = parseUrl(url);
  const fault = findUrlFault(url);
  if (parts && fault === undefined) return parts;
  throw fail('target_failed', { target, why: `its url ${fault}` });
}

function parseUrl(url: Secret): URL | undefined {
  const parts = URL.parse(url.reveal().replace('@/', '@localhost/'));
  return parts && /^postgres(ql)?:$/.test(parts.protocol) ? parts : undefined;
}

function readUser(parts: URL): string {
  return decodeURIComponent(parts.username) || 'postgres';
}

function readPort(parts: URL): number {
  return Number(parts.searchParams.get('port') ?? (parts.port || DEFAULT_PORT));
}

function readHost(parts: URL): string {
  const inQuery = parts.searchParams.get('host');
  if (inQuery !== null) return inQuery;
  return decodeURIComponent(parts.hostname).replace(/^\[(.+)\]$/, '$1') || 'localhost';
}
