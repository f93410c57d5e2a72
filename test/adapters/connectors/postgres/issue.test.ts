import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { beforeAll, expect, it } from 'vitest';
import { logIn } from '../../../support/databases/postgres.ts';
import { describeEachServer, INSTALLATION, SCOPES } from './fixture.ts';

const HOSTILE = 'we"ird\'; DROP ROLE orders_reader; --\\';

await describeEachServer({ name: 'issuing a role', settings: { log_statement: 'all' } }, (server, open) => {
  beforeAll(async () => {
    await server.sql(`CREATE ROLE "${HOSTILE.replaceAll('"', '""')}" NOLOGIN`);
    await server.sql(`GRANT "${HOSTILE.replaceAll('"', '""')}" TO jit_admin WITH ADMIN OPTION`);
  });

  const groupsOf = async (role: string) => {
    const sql = `SELECT roleid::regrole::text AS name FROM pg_auth_members WHERE member = '${role}'::regrole ORDER BY 1`;
    return (await server.sql(sql)).map((row) => row.name);
  };

  it('S7: gives privileges by membership, and grants no table to the new role', async () => {
    const fixture = open();
    const before = await server.sql("SELECT relacl::text FROM pg_class WHERE relname = 'orders'");
    const session = await logIn(await fixture.issue(['prod:db.read']));
    expect(await session.sql('SELECT count(*)::int AS rows FROM orders')).toEqual([{ rows: 400 }]);
    await expect(session.sql("UPDATE orders SET status = 'paid'")).rejects.toThrow(/permission denied/);
    expect(await server.sql("SELECT relacl::text FROM pg_class WHERE relname = 'orders'")).toEqual(before);
    expect(await groupsOf(fixture.handle)).toEqual(['orders_reader']);
    await fixture.remove();
  });

  it('S8: the password is in no line of a log that has every statement', async () => {
    const fixture = open();
    const credential = await fixture.issue();
    await fixture.connector.probe(credential, Date.now() + 10_000);
    const log = await readFile(join(server.folder, 'postgres.log'), 'utf8');
    expect(log).toContain(fixture.handle);
    expect(log).not.toContain(credential.secretFiles[0]?.instead.value.reveal());
    const [row] = await server.sql(`SELECT rolpassword FROM pg_authid WHERE rolname = '${fixture.handle}'`);
    expect(row?.rolpassword).toMatch(/^SCRAM-SHA-256\$4096:/);
    await fixture.remove();
  });

  it('S8: a role with a hostile name is a role like any other', async () => {
    const fixture = open({ memberOf: { 'prod:db.write': [HOSTILE] } });
    const session = await logIn(await fixture.issue());
    const sql = `SELECT pg_has_role('${HOSTILE.replaceAll("'", "''")}', 'USAGE') AS held`;
    expect(await session.sql(sql)).toEqual([{ held: true }]);
    await fixture.remove();
    expect(await server.sql("SELECT 1 AS there FROM pg_roles WHERE rolname = 'orders_reader'")).toHaveLength(
      1,
    );
  });

  it('S8: lists no name that only looks like one of ours', async () => {
    const fixture = open();
    await fixture.issue();
    const strangers = [
      `jit_${INSTALLATION}_x"; DROP TABLE orders`,
      `jitx${INSTALLATION}x01`,
      'jit_other000_01',
    ];
    for (const name of strangers) await server.sql(`CREATE ROLE "${name.replaceAll('"', '""')}"`);
    expect(await fixture.connector.list(Date.now() + 10_000)).toEqual([
      { handle: fixture.handle, sessions: 0 },
    ]);
    await fixture.remove();
  });

  it('another issue for other scopes leaves exactly their roles', async () => {
    const fixture = open();
    await fixture.issue(['prod:db.read', 'prod:db.write']);
    expect(await groupsOf(fixture.handle)).toEqual(['orders_reader', 'orders_writer']);
    await fixture.issue(['prod:db.read']);
    expect(await groupsOf(fixture.handle)).toEqual(['orders_reader']);
    await fixture.remove();
  });

  it('refuses a scope that the target has no roles for, before anything is made', async () => {
    const fixture = open();
    await expect(fixture.issue(['prod:db.admin'])).rejects.toMatchObject({
      code: 'target_failed',
      message: expect.stringContaining('prod:db.admin'),
    });
    await expect(fixture.issue(['constructor'])).rejects.toMatchObject({ code: 'target_failed' });
    expect(await fixture.connector.list(Date.now() + 10_000)).toEqual([]);
  });

  it('a role of a removal that was interrupted can log in again after the next issue', async () => {
    const fixture = open();
    await fixture.issue();
    await server.sql(`ALTER ROLE ${fixture.handle} NOLOGIN`);
    const session = await logIn(await fixture.issue());
    expect(await session.sql('SELECT current_user::text AS me')).toEqual([{ me: fixture.handle }]);
    await fixture.remove();
  });

  it('I3: the server itself lets nobody in after the end, and an extension moves that end', async () => {
    const fixture = open();
    const now = Date.now();
    const order = { handle: fixture.handle, scopes: SCOPES, deadlineAt: now + 10_000 };
    const credential = await fixture.connector.issue({ ...order, expiresAt: now - 5_000 });
    await expect(logIn(credential)).rejects.toThrow(/authentication failed/);
    await expect(fixture.connector.probe(credential, now + 10_000)).rejects.toMatchObject({
      code: 'target_failed',
    });
    await fixture.connector.extend({ ...order, expiresAt: now + 60_000 });
    await fixture.connector.probe(credential, now + 10_000);
    await fixture.remove();
  });

  it('a claim that was overtaken comes too late: the password of the later one stays', async () => {
    const fixture = open();
    await fixture.issue(SCOPES, 2);
    const kept = await fixture.issue(SCOPES, 10);
    await expect(fixture.issue(SCOPES, 9)).rejects.toMatchObject({
      code: 'target_failed',
      message: expect.stringContaining('a later claim has the role'),
    });
    await fixture.connector.probe(kept, Date.now() + 10_000);
    await fixture.issue(SCOPES, 10);
    await fixture.remove();
    await fixture.issue(SCOPES, 1);
    await fixture.remove();
  });

  it('the role says which grant it was made for, and holds nothing but a login', async () => {
    const fixture = open();
    await fixture.issue();
    const [row] = await server.sql(
      `SELECT shobj_description(oid, 'pg_authid') AS text, rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication
         OR rolbypassrls AS powerful, rolconnlimit > 0 AS limited FROM pg_roles WHERE rolname = '${fixture.handle}'`,
    );
    const grantId = fixture.handle.replace(`jit_${INSTALLATION}_`, 'gr_');
    expect(row).toEqual({ text: `jit grant ${grantId} version 1`, powerful: false, limited: true });
    await fixture.remove();
  });

  it('a running statement counts as use now, an idle session as use when it was last busy', async () => {
    const fixture = open();
    const session = await logIn(await fixture.issue());
    const activity = () => fixture.connector.activity(fixture.handle, Date.now() + 10_000);
    const idle = await activity();
    expect(await activity()).toBe(idle);
    const running = session.sql('SELECT pg_sleep(600)').catch(() => {});
    await expect.poll(activity).toBeGreaterThan(idle ?? Number.POSITIVE_INFINITY);
    const first = await activity();
    await expect.poll(activity).toBeGreaterThan(first ?? Number.POSITIVE_INFINITY);
    await fixture.remove();
    await running;
    expect(await activity()).toBeNull();
  });

  it('I5: an error has neither the password nor the verifier in it, however deep one looks', async () => {
    const fixture = open({ memberOf: { 'prod:db.write': ['withdrawn'] } });
    const error = await fixture.issue().catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'target_failed' });
    const everything = inspect(error, { depth: 10, showHidden: true });
    expect(everything).not.toContain('SCRAM');
    expect(everything).not.toContain(new URL(server.adminUrl.reveal()).password);
  });
});
