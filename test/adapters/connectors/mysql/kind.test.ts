import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { mysqlKind } from '../../../../src/adapters/connectors/mysql/kind.ts';
import type { TargetConfig } from '../../../../src/core/config.ts';

const URL = 'mysql://jit_admin:geheim@db.internal/orders';

const decode = (settings: unknown) => v.safeParse(v.strictObject(mysqlKind.entries), settings);

function settle(settings: unknown): TargetConfig['settings'] {
  return v.parse(v.strictObject(mysqlKind.entries), settings) as TargetConfig['settings'];
}

describe('kind: mysql in the configuration', () => {
  it.each(['postgres://a:b@c/d', 'mysql://db.internal/orders', 'mysql:///orders', 'geheim'])(
    'refuses the url %s without repeating it',
    (url) => {
      const { success, issues } = decode({ url, member_of: { 'prod:db.read': ['orders_reader'] } });
      expect(success).toBe(false);
      expect(issues?.map(({ message }) => message)).toEqual([
        'must be a URL like mysql://user:password@host/database',
      ]);
    },
  );

  it('refuses names of roles that MySQL would have to be quoted for, and a scope without one', () => {
    expect(decode({ url: URL, member_of: { 'prod:db.read': ['a`b'] } }).success).toBe(false);
    expect(decode({ url: URL, member_of: { 'prod:db.read': [] } }).success).toBe(false);
  });

  it('wants roles for exactly the scopes that cover it', () => {
    const settings = settle({ url: URL, member_of: { 'prod:db.read': ['orders_reader'] } });
    expect(mysqlKind.check(settings, ['prod:db.read'])).toEqual([]);
    expect(mysqlKind.check(settings, ['prod:db.write'])).toEqual([
      { path: ['member_of', 'prod:db.read'], why: 'no scope prod:db.read covers it' },
      { path: ['member_of'], why: 'names no role for prod:db.write' },
    ]);
  });

  it.each([
    ['mysql://jit_admin:50%geheim@db.internal/orders', 'has a "%" that begins no escape'],
    [
      'mysql://jit_admin:geheim@db.internal/orders?sslmode=REQUIRED',
      'has settings behind "?" besides ssl-mode',
    ],
    ['mysql://jit_admin:geheim@db.internal/orders?ssl-mode=PREFERRED', 'has an ssl-mode that is not'],
    ['mysql://jit_admin:geheim@10.0.0.7/orders', 'wants the name of a host'],
    ['mysql://jit_admin@db.internal/orders', 'has no password'],
  ])('INP-03: complains of the url %s at the start, and where', (url, why) => {
    const settings = settle({ url, member_of: { 'prod:db.read': ['orders_reader'] } });
    const [complaint] = mysqlKind.check(settings, ['prod:db.read']);
    expect(complaint).toEqual({ path: ['url'], why: expect.stringContaining(why) });
    expect(complaint?.why).not.toContain('geheim');
  });

  it('I5: says that the url is a secret where it has a password', () => {
    const build = (url: string) => settle({ url, member_of: { 'prod:db.read': ['orders_reader'] } });
    expect(mysqlKind.listSecrets(build(URL))).toEqual([['url']]);
    expect(mysqlKind.listSecrets(build('mysql://jit_admin@db.internal/orders'))).toEqual([]);
  });
});
