import { describe, expect, it } from 'vitest';
import { defaultServerConfig } from '../../../src/core/config/default.ts';
import { buildCatalogue } from '../../../src/core/config.ts';
import { Secret } from '../../../src/core/secret.ts';

const options = { dataFolder: '/home/dev/.local/share/jit', timeZone: 'Europe/Rome' };
const ordersUrl = new Secret('postgres://jit:canary@127.0.0.1:5433/orders');

describe('the embedded server', () => {
  it('OAU-08: listens on loopback, with development users', () => {
    const config = defaultServerConfig(options);
    expect(config).toMatchObject({ url: 'http://127.0.0.1:7420', listen: { host: '127.0.0.1', port: 7420 } });
    expect(config.identity.devUsers.map((user) => user.name)).toEqual(['dev', 'dba-lead', 'on-call']);
    expect(config.store).toEqual({ kind: 'sqlite', path: '/home/dev/.local/share/jit/jit.db' });
  });

  it('has the database and its scopes only where there is a database', () => {
    const names = (config: ReturnType<typeof defaultServerConfig>) =>
      config.scopes.map((scope) => scope.name);
    expect(names(defaultServerConfig(options))).toEqual(['prod:api.read']);
    expect(names(defaultServerConfig({ ...options, ordersUrl }))).toEqual([
      'prod:db.read',
      'prod:db.write',
      'prod:api.read',
    ]);
  });

  it('names no target that it does not have, and no default over its maximum', () => {
    for (const config of [defaultServerConfig(options), defaultServerConfig({ ...options, ordersUrl })]) {
      const targets = config.targets.map((target) => target.name);
      expect(
        config.scopes.flatMap((scope) => scope.targets).filter((name) => !targets.includes(name)),
      ).toEqual([]);
      expect(config.scopes.filter((scope) => scope.defaultSeconds > scope.maxSeconds)).toEqual([]);
    }
  });

  it('lets nobody introspect without a secret', () => {
    expect(defaultServerConfig(options).resourceServers).toEqual([]);
    const ordersApiSecret = new Secret('canary');
    expect(defaultServerConfig({ ...options, ordersApiSecret }).resourceServers).toMatchObject([
      { name: 'orders-api', targets: ['orders-api'] },
    ]);
  });

  it('I5: shows a catalogue without how targets are reached', () => {
    const config = defaultServerConfig({ ...options, ordersUrl });
    expect(buildCatalogue(config).targets).toEqual([
      { name: 'orders', kind: 'postgres', audience: 'https://orders.example.com' },
      { name: 'orders-api', kind: 'token', audience: 'https://orders-api.example.com' },
    ]);
    expect(JSON.stringify(config)).not.toContain('canary');
  });
});
