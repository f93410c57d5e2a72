import { join } from 'node:path';
import { defaultServerConfig } from '../../../src/core/config/default.ts';
import type { ServerConfig, TargetConfig } from '../../../src/core/config.ts';
import { Secret } from '../../../src/core/secret.ts';

export const FAULT_PIN = new Secret('314159');
export const SAMPLE_POLICIES = join(import.meta.dirname, '../../../examples/policies');

/** What a server of the fault tests is told: plain data, so that it can be sent to another process. */
export type FaultPlace = {
  readonly folder: string;
  readonly port: number;
  /** Where it listens, where that is not the port of its address. */
  readonly listenPort?: number;
  /** What its targets understand; left out, databases. */
  readonly kind?: 'token';
  /** The administrator's URL of each PostgreSQL target, by name; `prod:db.read` covers all of them. */
  readonly urls: Readonly<Record<string, string>>;
  /** What `prod:db.read` stands for at each of them, in place of a login of the grant's own. */
  readonly account?: string;
  /** A store on PostgreSQL, by its URL; left out, it is a file in the folder. */
  readonly store?: string;
};

/** What seals the keys in a store on PostgreSQL, which has no file beside it. */
export const FAULT_SECRET = 'the same for all replicas of these tests';

/** What the service of these tests introspects with, for every target. */
export const FAULT_SERVICE = { name: 'checker', secret: 'the secret of the service of these tests' };

export function buildFaultConfig(place: FaultPlace): ServerConfig {
  const { folder, port, listenPort = port, urls, account, store, kind } = place;
  const [url = ''] = Object.values(urls);
  const embedded = defaultServerConfig({
    dataFolder: folder,
    timeZone: 'Europe/Rome',
    port,
    ordersUrl: new Secret(url),
  });
  const names = Object.keys(urls);
  return {
    ...embedded,
    ...(store === undefined
      ? {}
      : { store: { kind: 'postgres', url: new Secret(store) }, secret: new Secret(FAULT_SECRET) }),
    listen: { host: '127.0.0.1', port: listenPort },
    targets: names.map((name) =>
      kind === 'token'
        ? buildService(name)
        : buildTarget(name, { url: new Secret(urls[name] ?? ''), account }),
    ),
    resourceServers: [{ name: FAULT_SERVICE.name, secret: new Secret(FAULT_SERVICE.secret), targets: names }],
    scopes: embedded.scopes
      .filter((scope) => scope.targets.includes('orders'))
      .map((scope) => ({ ...scope, targets: names })),
  };
}

function buildService(name: string): TargetConfig {
  return { name, kind: 'token', audience: `https://${name}.example.com`, settings: {} };
}

function buildTarget(
  name: string,
  { url, account }: { readonly url: Secret; readonly account: string | undefined },
): TargetConfig {
  const readers = { 'prod:db.read': ['orders_reader'] };
  const forRead = account === undefined ? {} : { 'prod:db.read': account };
  return {
    name,
    kind: 'postgres',
    audience: `https://${name}.example.com`,
    settings: {
      url,
      member_of: { ...(account === undefined ? readers : {}), 'prod:db.write': ['orders_writer'] },
      account: forRead,
    },
  };
}
