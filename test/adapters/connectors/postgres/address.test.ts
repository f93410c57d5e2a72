import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../../../src/adapters/connectors/postgres/address.ts';
import { buildCredential } from '../../../../src/adapters/connectors/postgres/credential.ts';
import { Secret } from '../../../../src/core/secret.ts';

const parse = (url: string) => parseAddress(new Secret(url), { target: 'orders' });

const credentialFor = (url: string) =>
  buildCredential(parse(url), {
    handle: 'jit_abcd1234_01k',
    role: 'jit_abcd1234_01k',
    password: new Secret('p:w\\d'),
  });

const fileFor = (url: string) => credentialFor(url).secretFiles[0]?.content.reveal();

describe('the address of a server', () => {
  it('has every part of its URL, decoded', () => {
    expect(parse('postgres://jit%40a:s%2Fecret@db.internal:6432/we%2Fird')).toMatchObject({
      host: 'db.internal',
      port: 6432,
      database: 'we/ird',
      user: 'jit@a',
      ssl: {},
      sslMode: 'verify-full',
    });
    expect(parse('postgres://u:s%2Fecret@h/d').password?.reveal()).toBe('s/ecret');
  });

  it.each([
    ['postgres://u:p@[::1]/d', '::1', 5432],
    ['postgres://u@/d?host=/var/run/postgresql&port=5433', '/var/run/postgresql', 5433],
    ['postgresql://u@/d', 'localhost', 5432],
  ])('reads host and port of %s', (url, host, port) => {
    expect(parse(url)).toMatchObject({ host, port });
  });

  it.each([
    'mysql://u:geheim@h/d',
    'h:geheim',
    'postgres://u:geheim@h:port/d',
    'postgres://u:geheim@h/d?sslmode=maybe',
    'postgres://u:50%geheim@h/d',
    'postgres://50%geheim@h/d',
    'postgres://u@h/50%geheim',
    'postgres://u:1/geheim@h/d',
    'postgres://u:1?geheim@h/d',
    'postgres://u:1#geheim@h/d',
    'postgres://u:geheim@h/d?ssl_mode=verify-full',
    'postgres://u:geheim@h/d?sslmode=verify-full&sslmode=require',
    'postgres://u:geheim@h/d?port=five',
  ])('refuses %s without repeating it', (url) => {
    try {
      parse(url);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: 'target_failed' });
      expect(inspect(error, { depth: 9 })).not.toContain('geheim');
    }
  });

  it('checks certificates as far as sslmode says', () => {
    expect(parse('postgres://u@localhost/d?sslmode=disable').ssl).toBe(false);
    expect(() => parse('postgres://u@h/d?sslmode=disable')).toThrow(/this machine only/);
    expect(parse('postgres://u@h/d?sslmode=require').ssl).toEqual({ rejectUnauthorized: false });
    expect(parse('postgres://u@h/d?sslmode=verify-full').ssl).toEqual({});
    expect(() => parse('postgres://u@h/d?sslmode=verify-full&sslrootcert=/nowhere')).toThrow(
      /nowhere cannot be read/,
    );
  });
});

describe('the credential', () => {
  it('S9: names the server and the login, and hides nothing but the password', () => {
    const credential = credentialFor('postgres://admin:geheim@db:6432/orders?sslmode=verify-full');
    expect(credential.environment).toEqual({
      PGHOST: 'db',
      PGPORT: '6432',
      PGDATABASE: 'orders',
      PGUSER: 'jit_abcd1234_01k',
      PGAPPNAME: 'jit gr_01k',
      PGSSLMODE: 'verify-full',
    });
    expect(JSON.stringify(credential)).not.toContain('p:w');
    expect(JSON.stringify(credential)).not.toContain('geheim');
  });

  it('S9: removes every variable that would lead past it', () => {
    expect(credentialFor('postgres://u@h/d').removes).toEqual(
      'PGPASSWORD PGSERVICE PGSERVICEFILE PGHOSTADDR PGUSER PGOPTIONS PGSSLMODE DATABASE_URL'.split(' '),
    );
  });

  it('S9: escapes colons and backslashes in the password file', () => {
    expect(fileFor('postgres://u@[::1]/d')).toBe('\\:\\:1:5432:*:jit_abcd1234_01k:p\\:w\\\\d\n');
  });

  it('has a second line for the name under which libpq looks up its default socket', () => {
    expect(fileFor('postgres://u@/d?host=/run/pg')).toBe(
      '/run/pg:5432:*:jit_abcd1234_01k:p\\:w\\\\d\nlocalhost:5432:*:jit_abcd1234_01k:p\\:w\\\\d\n',
    );
  });
});
