import { describe, expect, it } from 'vitest';
import { isSslRequired, parseAddress } from '../../../../src/adapters/connectors/mysql/address.ts';
import { fail } from '../../../../src/core/errors.ts';
import { Secret } from '../../../../src/core/secret.ts';

const parse = (url: string) =>
  parseAddress(new Secret(url), (why) => fail('target_failed', { target: 'orders', why }));

describe('the address of a MySQL server', () => {
  it('is read from its URL, escapes included', () => {
    const address = parse('mysql://jit%40x:p%2Fw@db.internal:3307/orders');
    expect(address).toMatchObject({ host: 'db.internal', port: 3307, database: 'orders', user: 'jit@x' });
    expect(address.password?.reveal()).toBe('p/w');
  });

  it('beyond this machine is verified where nothing else is said, and on it is spoken to in plain', () => {
    const far = parse('mysql://jit:x@db.internal/orders');
    expect(far.ssl).toEqual({ rejectUnauthorized: true, verifyIdentity: true });
    expect(isSslRequired(far)).toBe(true);
    const near = parse('mysql://jit:x@127.0.0.1/orders');
    expect([near.ssl, isSslRequired(near)]).toEqual([undefined, false]);
    expect(parse('mysql://jit:x@localhost/orders?ssl-mode=disabled').ssl).toBeUndefined();
  });

  it('has a port and no database where the URL does not say, and takes mariadb:// and IPv6', () => {
    expect(parse('mariadb://jit:x@[::1]')).toMatchObject({ host: '::1', port: 3306, database: '' });
  });

  it.each([
    ['REQUIRED', { rejectUnauthorized: false }],
    ['VERIFY_CA', { rejectUnauthorized: true }],
    ['VERIFY_IDENTITY', { rejectUnauthorized: true, verifyIdentity: true }],
  ])('knows ssl-mode=%s, in either case', (mode, ssl) => {
    const address = parse(`mysql://jit:x@db.internal/orders?ssl-mode=${mode.toLowerCase()}`);
    expect(address.ssl).toEqual(ssl);
    expect(isSslRequired(address)).toBe(true);
  });

  it.each([
    'mysql://jit:geheim@127.0.0.1/orders?ssl-mode=VERIFY_IDENTITY',
    'mysql://jit:geheim@10.0.0.7/orders',
    'mysql://jit:geheim@db/orders?ssl-mode=DISABLED',
    'mysql://jit:geheim@db/orders?ssl-mode=PREFERRED',
    'mysql://jit:geheim@db/orders?ssl-mode=REQUIRED&ssl-ca=/nowhere.pem',
    'mysql://jit:geheim@db/or%0Aders',
    'mysql://jit:geheim%@db/orders',
    'mysql://jit:geheim@db/orders?ssl_mode=REQUIRED',
    'mysql://:geheim@db/orders',
    'mysql://jit@geheim/orders',
    'postgres://jit:geheim@db/orders',
    'geheim',
  ])('refuses %s, and does not repeat the password', (url) => {
    const error = attempt(() => parse(url));
    expect(error).toMatchObject({ code: 'target_failed' });
    expect(String(error)).not.toContain('geheim');
  });
});

function attempt(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}
