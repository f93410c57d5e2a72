import { beforeAll, expect, it } from 'vitest';
import { logIn } from '../../../support/databases/postgres.ts';
import { describeEachServer, type Fixture, listKeptFor } from './fixture.ts';

await describeEachServer({ name: 'removing a role' }, (server, open) => {
  beforeAll(async () => {
    await server.sql('CREATE DATABASE "we?ird/""100%"');
    await server.sql('CREATE ROLE caretaker NOLOGIN');
    await server.sql('GRANT caretaker TO jit_admin WITH ADMIN OPTION');
    for (const database of ['orders', 'we?ird/"100%']) {
      await server.sql('GRANT CREATE ON SCHEMA public TO orders_writer', database);
    }
    await server.sql('GRANT CREATE ON DATABASE orders TO orders_writer');
  });

  const ownerOf = async (table: string, database = 'orders') => {
    const sql = `SELECT tableowner::text AS owner FROM pg_tables WHERE tablename = '${table}'`;
    return (await server.sql(sql, database))[0]?.owner;
  };
  /** Whose members a role without rights keeps it for. */
  const keptFor = async (table: string, database = 'orders') =>
    listKeptFor(server, String(await ownerOf(table, database)));
  const traces = async ({ handle }: Fixture) => [
    ...(await server.sql(`SELECT rolname FROM pg_roles WHERE rolname = '${handle}'`)),
    ...(await server.sql(`SELECT pid FROM pg_stat_activity WHERE usename = '${handle}'`)),
  ];

  it('S6: keeps a table for the role of the scope, rows and all', async () => {
    const fixture = open();
    const session = await logIn(await fixture.issue());
    await session.sql('CREATE TABLE kept AS SELECT 42 AS answer');
    expect(await fixture.remove()).toBe(1);
    expect(await keptFor('kept')).toEqual(['orders_writer']);
    expect(await server.sql('SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    expect(await traces(fixture)).toEqual([]);
  });

  it('S6: keeps functions, schemas, sequences, types and large objects of the engineer', async () => {
    const fixture = open();
    const session = await logIn(await fixture.issue());
    // the function is older than its schema: handed over in that order it would be refused
    await session.sql("CREATE FUNCTION answer() RETURNS int LANGUAGE sql AS 'SELECT 42'");
    await session.sql('CREATE SCHEMA mine; ALTER FUNCTION answer() SET SCHEMA mine');
    await session.sql("CREATE SEQUENCE mine.counter; SELECT nextval('mine.counter')");
    await session.sql("CREATE TYPE mine.mood AS ENUM ('well')");
    await session.sql("CREATE VIEW mine.seen AS SELECT 'well'::mine.mood AS mood");
    const [made] = await session.sql("SELECT lo_from_bytea(0, 'kept') AS id");
    await fixture.remove();
    expect(await server.sql('SELECT mine.answer()::int, (SELECT mood::text FROM mine.seen) AS mood')).toEqual(
      [{ answer: 42, mood: 'well' }],
    );
    expect(await server.sql(`SELECT convert_from(lo_get(${made?.id}), 'UTF8') AS text`)).toEqual([
      { text: 'kept' },
    ]);
    const sql = "SELECT nspowner::regrole::text AS owner FROM pg_namespace WHERE nspname = 'mine'";
    expect(await listKeptFor(server, String((await server.sql(sql))[0]?.owner))).toEqual(['orders_writer']);
    expect(await traces(fixture)).toEqual([]);
  });

  it('S6: finds what was made in another database, whatever that is called', async () => {
    const fixture = open();
    const session = await logIn(await fixture.issue(), 'we?ird/"100%');
    await session.sql('CREATE TABLE far_away ()');
    await fixture.remove();
    expect(await keptFor('far_away', 'we?ird/"100%')).toEqual(['orders_writer']);
    expect(await traces(fixture)).toEqual([]);
  });

  it('S6: takes privileges and default privileges away with the role', async () => {
    const fixture = open();
    const session = await logIn(await fixture.issue());
    await session.sql('ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO orders_reader');
    await server.sql('CREATE TABLE shown (); ALTER TABLE shown OWNER TO orders_writer');
    await server.sql(`SET ROLE orders_writer; GRANT SELECT ON shown TO ${fixture.handle}`);
    await fixture.remove();
    expect(await traces(fixture)).toEqual([]);
    expect(await ownerOf('shown')).toBe('orders_writer');
  });

  it('S5: privileges that only their giver can revoke fail the removal by name; the next try succeeds', async () => {
    const fixture = open();
    const session = await logIn(await fixture.issue());
    await server.sql(`GRANT SELECT ON orders TO ${fixture.handle}`);
    await expect(fixture.remove()).rejects.toMatchObject({
      code: 'target_failed',
      message: expect.stringMatching(/privileges on table orders: have them revoked in orders/),
    });
    await session.closed;
    await server.sql(`REVOKE SELECT ON orders FROM ${fixture.handle}`);
    await fixture.remove();
    expect(await traces(fixture)).toEqual([]);
  });

  it("S6: gives everything to the target's owner where one is configured", async () => {
    const fixture = open({ owner: 'caretaker' });
    const session = await logIn(await fixture.issue());
    await session.sql('CREATE TABLE cared_for ()');
    await fixture.remove();
    expect(await keptFor('cared_for')).toEqual(['caretaker']);
  });

  it('S6: hands a function over in a schema where only the second role of the scope may make one', async () => {
    const memberOf = { 'prod:db.write': ['orders_reader', 'orders_writer'] };
    const fixture = open({ memberOf });
    const session = await logIn(await fixture.issue());
    await session.sql("CREATE FUNCTION handed_on() RETURNS int LANGUAGE sql AS 'SELECT 1'");
    await fixture.remove();
    const sql = "SELECT proowner::regrole::text AS owner FROM pg_proc WHERE proname = 'handed_on'";
    const [row] = await server.sql(sql);
    expect(await listKeptFor(server, String(row?.owner))).toEqual(['orders_reader']);
    expect(await traces(fixture)).toEqual([]);
  });

  it('S6: drops nothing when nobody is there to take it, says so, and succeeds once somebody is', async () => {
    const fixture = open();
    const session = await logIn(await fixture.issue());
    await session.sql('CREATE TABLE without_heir ()');
    const deadlineAt = Date.now() + 10_000;
    await expect(fixture.connector.remove(fixture.handle, { scopes: [], deadlineAt })).rejects.toMatchObject({
      code: 'target_failed',
      message: expect.stringContaining('set "owner"'),
    });
    expect(await ownerOf('without_heir')).toBe(fixture.handle);
    await fixture.remove();
    expect(await keptFor('without_heir')).toEqual(['orders_writer']);
  });

  it('S6: needs no privileges of the heir for the hand-over', async () => {
    await server.sql('CREATE ROLE distant NOLOGIN');
    const options = server.major >= 16 ? 'ADMIN TRUE, INHERIT FALSE, SET FALSE' : 'ADMIN OPTION';
    await server.sql(`GRANT distant TO jit_admin WITH ${options}`);
    const memberships = async () =>
      server.sql("SELECT * FROM pg_auth_members WHERE roleid = 'distant'::regrole");
    const before = await memberships();
    const fixture = open({ owner: 'distant' });
    const session = await logIn(await fixture.issue());
    await session.sql('CREATE TABLE lent ()');
    await fixture.remove();
    expect(await keptFor('lent')).toEqual(['distant']);
    expect(await memberships()).toEqual(before);
  });

  it('S6: ends sessions in the middle of a statement or of a transaction', async () => {
    const fixture = open();
    const credential = await fixture.issue();
    const [busy, waiting] = [await logIn(credential), await logIn(credential)];
    await waiting.sql('BEGIN; LOCK TABLE orders IN ROW EXCLUSIVE MODE');
    const cut = expect(busy.sql('SELECT pg_sleep(600)')).rejects.toThrow();
    expect(await fixture.remove()).toBe(2);
    await Promise.all([cut, busy.closed, waiting.closed]);
    expect(await traces(fixture)).toEqual([]);
  });

  it('S6: nobody who keeps logging in meanwhile is left with a session', async () => {
    const fixture = open();
    const credential = await fixture.issue();
    let refused = 0;
    const storm = Array.from({ length: 6 }, async () => {
      while (refused < 20) {
        await logIn(credential).catch(() => {
          refused += 1;
        });
      }
    });
    await logIn(credential);
    expect(await fixture.remove()).toBeGreaterThan(0);
    await Promise.all(storm);
    expect(await traces(fixture)).toEqual([]);
    const strays =
      "SELECT pid FROM pg_stat_activity a WHERE backend_type = 'client backend' AND usename IS NULL";
    expect(await server.sql(strays)).toEqual([]);
  });

  it('S5: an open prepared transaction fails the removal with its reason; the next try succeeds', async () => {
    const fixture = open();
    const session = await logIn(await fixture.issue());
    await session.sql("BEGIN; CREATE TABLE prepared (); PREPARE TRANSACTION 'pending'");
    await expect(fixture.remove()).rejects.toMatchObject({
      code: 'target_failed',
      message: expect.stringContaining('prepared transaction'),
    });
    await session.closed;
    await server.sql("COMMIT PREPARED 'pending'");
    await fixture.remove();
    expect(await keptFor('prepared')).toEqual(['orders_writer']);
    expect(await traces(fixture)).toEqual([]);
  });

  it('S5: a lock fails the removal at its deadline, with nobody let in; the next try succeeds', async () => {
    const fixture = open();
    const credential = await fixture.issue();
    const session = await logIn(credential);
    await session.sql('CREATE TABLE locked ()');
    await server.sql("BEGIN; LOCK TABLE locked IN ACCESS EXCLUSIVE MODE; PREPARE TRANSACTION 'lock'");
    const began = performance.now();
    await expect(fixture.remove(700)).rejects.toMatchObject({ code: 'target_failed' });
    expect(performance.now() - began).toBeLessThan(2000);
    await session.closed;
    await expect(logIn(credential)).rejects.toThrow(/not permitted to log in/);
    await server.sql("ROLLBACK PREPARED 'lock'");
    await fixture.remove();
    expect(await keptFor('locked')).toEqual(['orders_writer']);
  });

  it('S4: finishes what a killed server left half done', async () => {
    const fixture = open();
    await fixture.issue();
    await server.sql(`ALTER ROLE ${fixture.handle} NOLOGIN; REVOKE orders_writer FROM ${fixture.handle}`);
    await fixture.remove();
    expect(await traces(fixture)).toEqual([]);
  });
});
