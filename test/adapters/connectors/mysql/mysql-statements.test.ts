import { describe, expect, it } from 'vitest';
import type { Connections } from '../../../../src/adapters/connectors/mysql/connections.ts';
import { issueUser } from '../../../../src/adapters/connectors/mysql/issue.ts';
import { removeUser } from '../../../../src/adapters/connectors/mysql/remove.ts';
import type { AdminSession } from '../../../../src/adapters/connectors/mysql/session.ts';
import { Secret } from '../../../../src/core/secret.ts';
import { realClock } from '../../../support/databases/postgres.ts';

const USER = 'jit_abcd1234_01';
const PASSWORD = 'p'.repeat(43);

type Rows = readonly Readonly<Record<string, unknown>>[];

const TAKES_AWAY: Readonly<Record<string, string>> = { DROP: 'mysql.user', KILL: 'PROCESSLIST' };

/**
 * A MySQL that answers each question once as the test says, and afterwards that there is nothing; of users until one is
 * dropped, and of sessions until one is ended.
 */
function openSession(answers: Readonly<Record<string, Rows | Error>>) {
  const statements: string[] = [];
  const left = new Map(Object.entries(answers));
  const session: AdminSession = {
    id: 1,
    deadline: { target: 'orders', at: Date.now() + 10_000, clock: realClock },
    isMariaDb: false,
    nameLock: (what) => `lock on ${what}`,
    run: async (sql) => {
      statements.push(sql);
      if (sql.includes('GET_LOCK')) return [{ locked: 1 }];
      const [part] = [...left].find(([fragment]) => sql.includes(fragment)) ?? [];
      const rows = part === undefined ? [] : (left.get(part) ?? []);
      if (part !== undefined && !Object.values(TAKES_AWAY).includes(part)) left.delete(part);
      if (rows instanceof Error) throw rows;
      left.delete(TAKES_AWAY[sql.split(' ')[0] ?? ''] ?? '');
      return rows;
    },
  };
  return { session, statements };
}

// No MySQL can be installed where these tests run: what it is sent is compared with its manual instead.
describe('what a server is sent that is MySQL and not MariaDB', () => {
  it('S8: a user with a caching_sha2 hash, exactly these roles, all of them on at login', async () => {
    const { session, statements } = openSession({ role_edges: [{ role: 'orders_writer' }] });
    const order = {
      user: USER,
      password: new Secret(PASSWORD),
      memberOf: ['orders_reader'],
      isSslRequired: true,
      expiresAt: Date.now() + 1000,
    };
    // It logs in as nobody: MySQL lets the administrator choose the roles of a login.
    await issueUser({} as Connections, session, order);
    expect(statements.filter((sql) => !sql.startsWith('SELECT'))).toEqual([
      expect.stringMatching(
        /^CREATE USER IF NOT EXISTS `jit_abcd1234_01`@`%` IDENTIFIED WITH caching_sha2_password AS '\$A\$005\$[./0-9A-Za-z]{63}' ACCOUNT LOCK$/,
      ),
      `REVOKE \`orders_writer\` FROM \`${USER}\`@\`%\``,
      `GRANT \`orders_reader\` TO \`${USER}\`@\`%\``,
      `ALTER USER \`${USER}\`@\`%\` DEFAULT ROLE ALL`,
      expect.stringMatching(
        /^ALTER USER `jit_abcd1234_01`@`%` IDENTIFIED WITH caching_sha2_password AS '\$A\$005\$[./0-9A-Za-z]{63}' REQUIRE SSL WITH MAX_USER_CONNECTIONS 20 PASSWORD EXPIRE INTERVAL 2 DAY ACCOUNT UNLOCK$/,
      ),
    ]);
    expect(statements.join('\n')).not.toContain(PASSWORD);
  });

  const held = { host: '%', role: 'orders_reader', role_host: '10.%' };

  it('S6: a lock, the end of every session, no rights, a drop, another look', async () => {
    const { session, statements } = openSession({
      'mysql.user': [{ host: '%' }],
      role_edges: [held],
      PROCESSLIST: [{ id: 7 }],
    });
    expect(await removeUser(session, USER)).toEqual({ sessionsEnded: 1 });
    expect(statements.filter((sql) => !sql.startsWith('SELECT'))).toEqual([
      `ALTER USER IF EXISTS \`${USER}\`@\`%\` ACCOUNT LOCK`,
      'KILL CONNECTION 7',
      `ALTER USER IF EXISTS \`${USER}\`@\`%\` ACCOUNT LOCK`,
      `ALTER USER \`${USER}\`@\`%\` DEFAULT ROLE NONE`,
      `REVOKE \`orders_reader\`@\`10.%\` FROM \`${USER}\`@\`%\``,
      `REVOKE ALL PRIVILEGES, GRANT OPTION FROM \`${USER}\`@\`%\``,
      `DROP USER IF EXISTS \`${USER}\`@\`%\``,
    ]);
    const turn = statements.findIndex((sql) => sql.includes(`lock on ${USER}`));
    expect(turn).toBeGreaterThan(statements.indexOf('KILL CONNECTION 7'));
    expect(statements.at(-1)).toContain('FROM mysql.user');
    expect(statements.at(-2)).toContain('PROCESSLIST');
  });

  it('S6: a user that may not be dropped, because programs of its own name it, has no rights any more', async () => {
    const { session, statements } = openSession({
      'mysql.user': [{ host: '%' }],
      role_edges: [held],
      'DROP USER': new Error('it is referenced as a definer account'),
    });
    await expect(removeUser(session, USER)).rejects.toThrow('referenced as a definer account');
    expect(statements.filter((sql) => sql.startsWith('REVOKE'))).toHaveLength(2);
  });

  it('S6: a right that may not be taken is no reason not to drop the user; where both fail, it is what is said', async () => {
    const refused = { 'REVOKE `orders_reader`': new Error('no ADMIN OPTION') };
    const users = { 'mysql.user': [{ host: '%' }], role_edges: [held] };
    const first = openSession({ ...users, ...refused });
    await removeUser(first.session, USER);
    expect(first.statements).toContain(`REVOKE ALL PRIVILEGES, GRANT OPTION FROM \`${USER}\`@\`%\``);
    const second = openSession({ ...users, ...refused, 'DROP USER': new Error('referenced') });
    await expect(removeUser(second.session, USER)).rejects.toThrow('no ADMIN OPTION');
  });
});
