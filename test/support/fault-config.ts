import { join } from 'node:path';
import { defaultServerConfig } from '../../src/core/config/default.ts';
import type { ServerConfig, TargetConfig } from '../../src/core/config.ts';
import { Secret } from '../../src/core/secret.ts';

export const FAULT_PIN = new Secret('314159');
export const SAMPLE_POLICIES = join(import.meta.dirname, '../../examples/policies');

/** What a server of the fault tests is told: plain data, so that it can be sent to another process. */
export type FaultPlace = {
  readonly folder: string;
  readonly port: number;
  /** The administrator's URL of each PostgreSQL target, by name; `prod:db.read` covers all of them. */
  readonly urls: Readonly<Record<string, string>>;
};

export function buildFaultConfig({ folder, port, urls }: FaultPlace): ServerConfig {
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
    targets: names.map((name) => buildTarget(name, new Secret(urls[name] ?? ''))),
    scopes: embedded.scopes
      .filter((scope) => scope.targets.includes('orders'))
      .map((scope) => ({ ...scope, targets: names })),
  };
}

function buildTarget(name: string, url: Secret): TargetConfig {
  return {
    name,
    kind: 'postgres',
    audience: `https://${name}.example.com`,
    settings: {
      url,
      member_of: { 'prod:db.read': ['orders_reader'], 'prod:db.write': ['orders_writer'] },
    },
  };
}
