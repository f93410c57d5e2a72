import { beforeAll, expect, it } from 'vitest';
import { logIn } from '../../../support/databases/postgres.ts';
import { describeEachServer, listKeptFor } from './fixture.ts';

const BILLING = 'Billing "2026"';
const DATABASES = ['billing', BILLING, 'orders'];

await describeEachServer({ name: 'a grant for several databases' }, (server, open) => {
  beforeAll(async () => {
    for (const name of ['billing', BILLING, 'payroll']) {
      const quoted = `"${name.replaceAll('"', '""')}"`;
      await server.sql(`CREATE DATABASE ${quoted}`);
      await server.sql(`REVOKE CONNECT ON DATABASE ${quoted} FROM PUBLIC`);
      if (name === 'payroll') continue;
      await server.sql(`GRANT CONNECT ON DATABASE ${quoted} TO orders_writer`);
      await server.sql('GRANT CREATE ON SCHEMA public TO orders_writer', name);
    }
  });

  it('begins in the first, is let into each of them, and into no other', async () => {
    const fixture = open({ databases: DATABASES });
    const credential = await fixture.issue();
    await fixture.connector.probe(credential, Date.now() + 10_000);
    expect(credential.environment.PGDATABASE).toBe('billing');
    for (const name of DATABASES) {
      const session = await logIn(credential, name);
      expect(await session.sql('SELECT current_database()::text AS name')).toEqual([{ name }]);
    }
    await expect(logIn(credential, 'payroll')).rejects.toThrow(/permission denied for database "payroll"/);
    await fixture.remove();
  });

  it.each([1, 2])('is not said to be there when one of them refuses, in place %i', async (place) => {
    const fixture = open({ databases: DATABASES.toSpliced(place, 0, 'payroll') });
    const probing = fixture.connector.probe(await fixture.issue(), Date.now() + 10_000);
    await expect(probing).rejects.toMatchObject({
      code: 'target_failed',
      message: expect.stringContaining('permission denied for database "payroll"'),
    });
    await fixture.remove();
  });

  it('S6: is taken away in all of them: sessions ended, tables handed over', async () => {
    const fixture = open({ databases: DATABASES });
    const credential = await fixture.issue();
    const sessions = await Promise.all(DATABASES.slice(0, 2).map((name) => logIn(credential, name)));
    for (const session of sessions) await session.sql('CREATE TABLE kept AS SELECT 1 AS one');
    expect(await fixture.remove()).toBe(2);
    await Promise.all(sessions.map(({ closed }) => closed));
    const sql = "SELECT tableowner::text AS owner FROM pg_tables WHERE tablename = 'kept'";
    for (const name of ['billing', BILLING]) {
      const [row] = await server.sql(sql, name);
      expect(await listKeptFor(server, String(row?.owner))).toEqual(['orders_writer']);
      await server.sql('DROP TABLE kept', name);
    }
    expect(await server.sql(`SELECT FROM pg_roles WHERE rolname = '${fixture.handle}'`)).toEqual([]);
  });

  it('S6: is taken away where it is after the list has changed', async () => {
    const before = open({ databases: DATABASES });
    const session = await logIn(await before.issue(), 'billing');
    await session.sql('CREATE TABLE kept AS SELECT 1 AS one');
    const after = open({ databases: ['orders'] }).connector;
    const options = { scopes: ['prod:db.write'], deadlineAt: Date.now() + 10_000 };
    expect(await after.remove(before.handle, options)).toEqual({ sessionsEnded: 1 });
    await server.sql('DROP TABLE kept', 'billing');
    expect(await server.sql(`SELECT FROM pg_roles WHERE rolname = '${before.handle}'`)).toEqual([]);
  });
});
