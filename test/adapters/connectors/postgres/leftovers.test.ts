import { beforeAll, expect, it } from 'vitest';
import { type EngineerSession, logIn } from '../../../support/databases/postgres.ts';
import { describeEachServer, type Fixture, listKeptFor } from './fixture.ts';

const WRITES = "UPDATE public.orders SET status = 'touched' WHERE id = 1";

await describeEachServer({ name: 'what an engineer left behind' }, (server, open) => {
  beforeAll(async () => {
    await server.sql('CREATE ROLE outsider LOGIN; GRANT USAGE ON SCHEMA public TO outsider');
    await server.sql(
      'GRANT CREATE ON SCHEMA public TO orders_writer; GRANT REFERENCES ON orders TO orders_writer',
    );
    await server.sql('CREATE SCHEMA app; GRANT USAGE, CREATE ON SCHEMA app TO orders_writer');
    await server.sql('CREATE ROLE shop_owner; ALTER TABLE orders OWNER TO shop_owner');
  });

  const asOutsider = (statement: string) => server.sql(`SET ROLE outsider; ${statement}`);
  const isTouched = async (): Promise<boolean> => {
    const [row] = await server.sql('SELECT status FROM orders WHERE id = 1');
    await server.sql("UPDATE orders SET status = 'paid' WHERE id = 1");
    return row?.status === 'touched';
  };
  /** A function that writes; `wrapped` may stand in an index, where it claims to change nothing. */
  const makeWriter = (session: EngineerSession, name: string) =>
    session.sql(`
      CREATE FUNCTION ${name}() RETURNS void LANGUAGE sql AS $$ ${WRITES} $$;
      CREATE FUNCTION ${name}_in_index(int) RETURNS int IMMUTABLE LANGUAGE plpgsql
        AS $$ BEGIN PERFORM public.${name}(); RETURN $1; END $$`);
  const begin = async (): Promise<{ readonly fixture: Fixture; readonly session: EngineerSession }> => {
    const fixture = open();
    return { fixture, session: await logIn(await fixture.issue()) };
  };

  it('S6: a rule on a table does for others only what its owner may, who may nothing', async () => {
    const { fixture, session } = await begin();
    await session.sql(`CREATE TABLE ruled (a int); CREATE VIEW ruled_view AS SELECT 1 AS a;
      CREATE RULE spy AS ON INSERT TO ruled DO ALSO ${WRITES};
      CREATE RULE spy AS ON INSERT TO ruled_view DO INSTEAD ${WRITES};
      GRANT INSERT ON ruled, ruled_view TO outsider`);
    for (const table of ['ruled', 'ruled_view']) {
      await asOutsider(`INSERT INTO ${table} VALUES (1)`);
      expect(await isTouched()).toBe(true);
    }
    await fixture.remove();
    for (const table of ['ruled', 'ruled_view']) {
      await expect(asOutsider(`INSERT INTO ${table} VALUES (1)`)).rejects.toThrow(/permission denied for/);
      expect(await isTouched()).toBe(false);
    }
  });

  it('S6: a function in an index writes nothing when the table is analysed', async () => {
    const { fixture, session } = await begin();
    await makeWriter(session, 'spy');
    await session.sql(`CREATE TABLE watched (a int); INSERT INTO watched VALUES (1), (2);
      CREATE INDEX ON watched (spy_in_index(a))`);
    await isTouched();
    await session.sql('ANALYZE watched');
    expect(await isTouched()).toBe(true);
    await fixture.remove();
    await expect(server.sql('ANALYZE watched')).rejects.toThrow(/permission denied for/);
    expect(await isTouched()).toBe(false);
    expect(await server.sql('SELECT count(*)::int AS rows FROM watched')).toEqual([{ rows: 2 }]);
  });

  it('S6: a trigger that a foreign key sets off writes nothing', async () => {
    const { fixture, session } = await begin();
    await session.sql(`CREATE TABLE parent (id int PRIMARY KEY);
      CREATE TABLE child (id int REFERENCES parent ON DELETE CASCADE);
      CREATE FUNCTION on_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${WRITES}; RETURN OLD; END $$;
      CREATE TRIGGER spy BEFORE DELETE ON child FOR EACH ROW EXECUTE FUNCTION on_delete();
      INSERT INTO parent VALUES (1), (2); INSERT INTO child VALUES (1), (2);
      GRANT SELECT, DELETE ON parent TO outsider`);
    await asOutsider('DELETE FROM parent WHERE id = 1');
    expect(await isTouched()).toBe(true);
    await fixture.remove();
    await expect(asOutsider('DELETE FROM parent WHERE id = 2')).rejects.toThrow(/permission denied for/);
    expect(await isTouched()).toBe(false);
  });

  it('S6: belongs to whoever has the scope next, who cannot make a way in of it either', async () => {
    const first = await begin();
    await first.session.sql('CREATE TABLE scratch (a int)');
    await makeWriter(first.session, 'harmless');
    await first.fixture.remove();

    const second = await begin();
    await second.session.sql('ALTER TABLE scratch ADD b int; INSERT INTO scratch VALUES (1, 2)');
    await second.session.sql('ALTER FUNCTION harmless() SECURITY DEFINER');
    await second.fixture.remove();
    await expect(asOutsider('SELECT harmless()')).rejects.toThrow(/permission denied for table orders/);

    const third = await begin();
    await third.session.sql('DROP TABLE scratch');
    await third.fixture.remove();
  });

  it('S6: keeps nobody from deleting what it points to', async () => {
    const { fixture, session } = await begin();
    await session.sql(`CREATE TABLE app.notes (id bigint REFERENCES orders ON DELETE CASCADE, note text);
      INSERT INTO app.notes VALUES (7, 'kept')`);
    await fixture.remove();
    await server.sql('SET ROLE shop_owner; DELETE FROM orders WHERE id = 7');
    expect(await server.sql('SELECT note FROM app.notes')).toEqual([{ note: 'kept' }]);
  });

  it('S6: is kept for the same role when many grants end at once, in several databases', async () => {
    for (const name of ['one', 'two']) {
      await server.sql(`CREATE DATABASE ${name}`);
      await server.sql('GRANT CREATE ON SCHEMA public TO orders_reader', name);
    }
    const scopes = ['prod:db.read'];
    const fixtures = Array.from({ length: 8 }, () => open());
    for (const [index, fixture] of fixtures.entries()) {
      const session = await logIn(await fixture.issue(scopes), index % 2 === 0 ? 'one' : 'two');
      await session.sql(`CREATE TABLE made_${index} (); CREATE FUNCTION f${index}() RETURNS int RETURN 1`);
    }
    const deadlineAt = Date.now() + 20_000;
    const removals = fixtures.map(({ connector, handle }) =>
      connector.remove(handle, { scopes, deadlineAt }),
    );
    expect(await Promise.all(removals)).toEqual(fixtures.map(() => ({ sessionsEnded: 1 })));
    for (const name of ['one', 'two']) {
      const owners = "SELECT DISTINCT tableowner::text AS owner FROM pg_tables WHERE tablename ~ '^made_'";
      const [row, ...others] = await server.sql(owners, name);
      expect(others).toEqual([]);
      expect(await listKeptFor(server, String(row?.owner))).toEqual(['orders_reader']);
    }
  });

  it('S6: is owned by a role that is a member of nothing and may not log in', async () => {
    const rows = await server.sql(`SELECT rolcanlogin OR rolcreaterole OR rolcreatedb OR rolsuper AS able,
        (SELECT count(*)::int FROM pg_auth_members WHERE member = r.oid) AS memberships
      FROM pg_roles r WHERE rolname ~ '^kept_by_jit_'`);
    expect(rows).toEqual([
      { able: false, memberships: 0 },
      { able: false, memberships: 0 },
    ]);
  });
});
