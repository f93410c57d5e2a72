import type { StoreLocation } from '../config.ts';
import { Secret } from '../secret.ts';
import { isLoopbackHost } from './address.ts';
import type { Complaint } from './complaint.ts';
import { findPostgresUrlFault } from './postgres-url.ts';

const SSL_MODES: readonly string[] = ['disable', 'require', 'verify-ca', 'verify-full'];

/** `sqlite:./jit.db`, the path as it is written, or `postgres://user:password@host/database`. */
export function parseStoreLocation(text: string): StoreLocation | undefined {
  const path = /^sqlite:(?!\/\/)([^\0]+)$/.exec(text)?.[1];
  if (path) return { kind: 'sqlite', path };
  const url = parseUrl(text);
  if (!url || url.username === '' || !/^\/[^/]+$/.test(url.pathname)) return undefined;
  return { kind: 'postgres', url: new Secret(text) };
}

/** The store as people may read it: no password. */
export function describeStore(store: StoreLocation): string {
  if (store.kind === 'sqlite') return store.path;
  const url = parseUrl(store.url.reveal());
  return `postgres://${url?.host}${url?.pathname}`;
}

/** Does the file hold a secret here? A user's name and an address are none. */
export function hasStorePassword(store: StoreLocation): boolean {
  return store.kind === 'postgres' && parseUrl(store.url.reveal())?.password !== '';
}

/** What a store on PostgreSQL needs: a secret that all replicas have, and protection of what leaves the machine. */
export function checkStore({
  store,
  secret,
}: {
  readonly store: StoreLocation;
  readonly secret?: Secret | undefined;
}): readonly Complaint[] {
  const url = store.kind === 'postgres' ? parseUrl(store.url.reveal()) : undefined;
  if (!url) return [];
  const fault = findPostgresUrlFault(url);
  if (fault !== undefined) return [{ path: ['store'], why: fault }];
  const mode = url.searchParams.get('sslmode');
  const host = url.searchParams.get('host') ?? url.hostname;
  const isLocal = host.startsWith('/') || isLoopbackHost(host);
  return [
    ...(secret
      ? []
      : [{ path: ['secret'], why: 'is needed with a store on PostgreSQL, the same for every replica' }]),
    ...(mode === null || SSL_MODES.includes(mode)
      ? []
      : [{ path: ['store'], why: `must have an sslmode of ${SSL_MODES.join(', ')}` }]),
    ...(mode === 'disable' && !isLocal
      ? [{ path: ['store'], why: 'has sslmode=disable, which is for a database on this machine only' }]
      : []),
  ];
}

/** A socket's folder is in the query, as libpq has it: `postgres://jit@/jit?host=/run/postgresql`. */
function parseUrl(text: string): URL | undefined {
  if (!/^postgres(ql)?:\/\/./.test(text)) return undefined;
  return URL.parse(text.replace('@/', '@localhost/')) ?? undefined;
}
