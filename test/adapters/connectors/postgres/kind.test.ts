import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { postgresKind } from '../../../../src/adapters/connectors/postgres/kind.ts';
import type { TargetConfig } from '../../../../src/core/config.ts';

const READ = 'prod:db.read';
const BASE = {
  url: 'postgres://jit_admin:geheim@127.0.0.1/orders',
  member_of: { [READ]: ['orders_reader'] },
};

const FAR = 'postgres://jit_admin:geheim@db.internal/orders';

const decode = (settings: object) =>
  v.safeParse(v.strictObject(postgresKind.entries), { ...BASE, ...settings });

const complainAbout = (settings: object) => {
  const decoded = decode(settings);
  if (!decoded.success) return decoded.issues.map((issue) => `${v.getDotPath(issue)}: ${issue.message}`);
  const complaints = postgresKind.check(decoded.output as TargetConfig['settings'], [READ]);
  return complaints.map(({ path, why }) => `${path.join('.')}: ${why}`);
};

describe('kind: postgres in the configuration', () => {
  it('takes what sessions begin with, scope by scope', () => {
    const sessions = {
      [READ]: { search_path: ['app', '$user'], statement_timeout: '30s', connection_limit: 5 },
    };
    expect(complainAbout({ sessions })).toEqual([]);
    expect(decode({ sessions }).output).toMatchObject({
      sessions: {
        [READ]: { searchPath: ['app', '$user'], statementTimeoutSeconds: 30, connectionLimit: 5 },
      },
    });
  });

  it.each([
    [{ search_path: [] }, `sessions.${READ}.search_path: must name a schema`],
    [{ search_path: ['ä'.repeat(32)] }, `sessions.${READ}.search_path.0: must be a name of at most 63 bytes`],
    [{ search_path: ['a\u202eb'] }, `sessions.${READ}.search_path.0: must be one line of text`],
    [{ statement_timeout: 30 }, `sessions.${READ}.statement_timeout: `],
    [{ statement_timeout: '8d' }, `sessions.${READ}.statement_timeout: must be 7 days or less`],
    [{ connection_limit: 0 }, `sessions.${READ}.connection_limit: must be 1 or more`],
    [{ connection_limit: 1.5 }, `sessions.${READ}.connection_limit: must be a whole number`],
    [{ connection_limit: 1001 }, `sessions.${READ}.connection_limit: must be 1000 or less`],
    [{ connection_limit: '5' }, `sessions.${READ}.connection_limit: must be a number`],
    [{ serch_path: ['a'] }, `sessions.${READ}.serch_path: is not a setting: did you mean "search_path"?`],
  ])('refuses %o for a scope', (one, complaint) => {
    expect(complainAbout({ sessions: { [READ]: one } })[0]).toContain(complaint);
  });

  it.each([
    [{ tls: { mode: 'prefer' } }, 'tls.mode: must be one of verify-full, require, disable-on-loopback'],
    [{ tls: { ca: 'ca.pem' } }, 'tls.ca: must be an absolute path'],
    [{ tls: { mode: 'require', ca: '/ca.pem' } }, 'tls.ca: is not looked at unless the mode is verify-full'],
    [
      { tls: {}, url: `${BASE.url}?sslmode=require` },
      'tls: cannot be used beside sslmode or sslrootcert in the url',
    ],
    [{ tls: { mode: 'disable-on-loopback' }, url: FAR }, 'tls.mode: is for a server on this machine only'],
    [
      { url: `${FAR}?ssl_mode=disable` },
      'url: has settings behind "?" besides sslmode, sslrootcert, host, port, or one of them twice',
    ],
    [
      { url: FAR.replace('geheim', '50%off') },
      'url: has a "%" that begins no escape: in a user or a password it is written as %25',
    ],
    [{ url: `${FAR}?sslmode=disable` }, 'url: sslmode=disable is for a server on this machine only'],
  ])('refuses %o', (settings, complaint) => {
    expect(complainAbout(settings)).toEqual([complaint]);
  });

  it.each([
    [[], 'databases: must name a database'],
    [['orders', 'billing', 'orders'], 'databases: names a database twice'],
    [['o'.repeat(64)], 'databases.0: must be a name of at most 63 bytes'],
    ['orders', 'databases: '],
  ])('refuses %o as databases', (databases, complaint) => {
    expect(complainAbout({ databases })[0]).toContain(complaint);
  });

  it.each([
    {},
    { databases: ['orders', 'Old Billing'] },
    { url: FAR },
    { url: `${FAR}?sslmode=require` },
    { url: FAR, tls: { ca: '/ca.pem' } },
    { tls: { mode: 'disable-on-loopback' } },
    { url: 'postgres://u@localhost/d?host=/run/postgresql', tls: { mode: 'disable-on-loopback' } },
  ])('takes %o', (settings) => {
    expect(complainAbout(settings)).toEqual([]);
  });

  it('wants roles for exactly the scopes that cover it, and settings for no other', () => {
    expect(complainAbout({ member_of: { 'prod:db.write': ['x'] } })).toEqual([
      'member_of.prod:db.write: no scope prod:db.write covers it',
      `member_of: names no role for ${READ}`,
    ]);
    expect(complainAbout({ sessions: { 'prod:db.write': {} } })).toEqual([
      'sessions.prod:db.write: no scope prod:db.write covers it',
    ]);
  });

  it('takes an account for a scope, in place of roles', () => {
    expect(complainAbout({ member_of: {}, account: { [READ]: 'app_legacy' } })).toEqual([]);
    expect(complainAbout({ member_of: undefined, account: { [READ]: 'app_legacy' } })).toEqual([]);
  });

  it.each([
    [{ [READ]: 'app' }, {}, `account.${READ}: has roles in member_of as well: it is one or the other`],
    [{ 'prod:db.write': 'app' }, {}, 'account.prod:db.write: no scope prod:db.write covers it'],
    [{ [READ]: 'jit_admin' }, { url: 'postgres://a@h/d' }, `account.${READ}: must not begin with "jit_"`],
    [{ [READ]: 'dba' }, { url: FAR.replace('jit_admin', 'dba') }, `account.${READ}: is the administrator`],
    [{ [READ]: 'postgres' }, { url: 'postgres:///d' }, `account.${READ}: is the administrator`],
    [{ [READ]: 'App' }, {}, `account.${READ}: must be a role of lower-case letters`],
  ])('refuses %o as accounts', (account, rest, complaint) => {
    const member_of = complaint.includes('as well') ? BASE.member_of : {};
    expect(complainAbout({ account, member_of, ...rest })[0]).toContain(complaint);
  });

  it.each([
    [{ rotate: '30d' }, 'rotate: is for accounts, and there is none in "account"'],
    [{ rotate: '30m', account: { [READ]: 'app' }, member_of: {} }, 'rotate: must be an hour or more'],
    [{ rotate_admin: 30 }, 'rotate_admin: '],
    [
      { rotate_admin: '30d', url: 'postgres://jit_admin@127.0.0.1/orders' },
      'rotate_admin: needs a password in the url, to begin with',
    ],
  ])('refuses %o', (settings, complaint) => {
    expect(complainAbout(settings)[0]).toContain(complaint);
  });

  const besideAnother = (settings: object, other: object) => {
    const [one, others] = [decode(settings).output, [decode(other).output]] as const;
    const kinds = others as readonly TargetConfig['settings'][];
    return postgresKind.checkBeside(one as TargetConfig['settings'], kinds).map(({ path }) => path.join('.'));
  };

  it.each([{ url: FAR }, { url: FAR.replace('/orders', ':5432/billing?sslmode=require') }])(
    'does not replace the password of an administrator that %o has too',
    (other) => {
      const rotating = { url: FAR, rotate_admin: '30d' };
      expect(besideAnother(rotating, other)).toEqual(['rotate_admin']);
      expect(besideAnother(other, rotating)).toEqual([]);
      const others = [{ url: FAR.replace('jit_admin', 'another') }, { url: FAR.replace('db.', 'db2.') }];
      for (const own of others) expect(besideAnother(rotating, own)).toEqual([]);
    },
  );

  it('takes how often passwords are replaced', () => {
    const settings = { account: { [READ]: 'app' }, member_of: {}, rotate: '30d', rotate_admin: '1d' };
    expect(complainAbout(settings)).toEqual([]);
    expect(decode(settings).output).toMatchObject({ rotate: 30 * 86_400, rotate_admin: 86_400 });
  });
});
