import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { fail } from '../../../core/errors.ts';
import { Secret } from '../../../core/secret.ts';

const DEFAULT_PORT = 5432;

/** Where a server is and who the administrator is, as its URL says. `host` may be a socket's folder. */
export type Address = {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: Secret | undefined;
  /** As libpq understands it; undefined when the URL does not say. */
  readonly sslMode: string | undefined;
  readonly ssl: ConnectionOptions | false;
};

/** Reads `postgres://user:password@host:port/database?sslmode=…`. The URL is in no error: it has a password. */
export function parseAddress(url: Secret, target: string): Address {
  const parts = readUrl(url, target);
  const sslMode = parts.searchParams.get('sslmode') ?? undefined;
  return {
    host: parts.searchParams.get('host') ?? readHost(parts),
    port: Number(parts.searchParams.get('port') ?? (parts.port || DEFAULT_PORT)),
    database: decodeURIComponent(parts.pathname.slice(1)) || 'postgres',
    user: decodeURIComponent(parts.username) || 'postgres',
    password: parts.password === '' ? undefined : new Secret(decodeURIComponent(parts.password)),
    sslMode,
    ssl: buildSsl(sslMode, { rootFile: parts.searchParams.get('sslrootcert'), target }),
  };
}

function readUrl(url: Secret, target: string): URL {
  const parts = URL.parse(url.reveal().replace('@/', '@localhost/'));
  if (parts && /^postgres(ql)?:$/.test(parts.protocol)) return parts;
  throw fail('target_failed', { target, why: 'its url is not a postgres:// URL' });
}

function readHost(parts: URL): string {
  return decodeURIComponent(parts.hostname).replace(/^\[(.+)\]$/, '$1') || 'localhost';
}

function buildSsl(
  mode: string | undefined,
  options: { readonly rootFile: string | null; readonly target: string },
): ConnectionOptions | false {
  const roots = options.rootFile === null ? {} : { ca: readRoots(options.rootFile, options.target) };
  if (mode === undefined || mode === 'disable') return false;
  if (mode === 'require') return { ...roots, rejectUnauthorized: false };
  if (mode === 'verify-ca') return { ...roots, checkServerIdentity: () => undefined };
  if (mode === 'verify-full') return roots;
  const why = 'sslmode must be disable, require, verify-ca or verify-full';
  throw fail('target_failed', { target: options.target, why });
}

function readRoots(file: string, target: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw fail('target_failed', { target, why: `sslrootcert ${file} cannot be read` }, cause);
  }
}
