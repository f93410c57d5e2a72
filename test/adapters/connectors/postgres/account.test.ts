import { expect, it } from 'vitest';
import { logIn } from '../../../support/databases/postgres.ts';
import { describeAccount, KNOWN } from './account-stage.ts';
import { SCOPES } from './fixture.ts';

await describeAccount('an account that is there already', (stage) => {
  const { server, open, openOther, listed, canLogIn, loginWith } = stage;
  const comment = async () =>
    (await server.sql("SELECT shobj_description('app_legacy'::regrole, 'pg_authid') AS text"))[0]?.text;

  it('is the login of the grant; the password that was is refused, and its sessions are over', async () => {
    const fixture = open();
    const before = await loginWith(KNOWN);
    const issued = await fixture.issue();
    await before.closed;
    await expect(loginWith(KNOWN)).rejects.toThrow(/authentication failed/);
    expect(issued.environment).toMatchObject({
      PGUSER: 'app_legacy',
      PGAPPNAME: expect.stringMatching(/^jit gr_/),
    });
    const session = await logIn(issued);
    expect(await session.sql('SELECT current_user::text AS me, count(*) > 0 AS sees FROM orders')).toEqual([
      { me: 'app_legacy', sees: true },
    ]);
    expect(await listed(fixture)).toContain(fixture.handle);
    expect(await comment()).toMatch(/^The old shop \[jit abcd1234 jit_abcd1234_0+\d+ 2\S+Z\]$/);
    await fixture.remove();
  });

  it('I1, S6: is nobody’s when the grant ends: no session, no login, not with any password that was', async () => {
    const fixture = open();
    const credential = await fixture.issue();
    const session = await logIn(credential);
    await session.sql("ALTER ROLE CURRENT_USER PASSWORD 'mine'");
    expect(await fixture.remove()).toBe(1);
    await session.closed;
    expect(await canLogIn()).toBe(false);
    expect(await comment()).toMatch(/^The old shop \[jit abcd1234 nobody 2\S+Z\]$/);
    // Somebody lets the account in again: still nobody knows its password.
    await server.sql('ALTER ROLE app_legacy LOGIN');
    await expect(logIn(credential)).rejects.toThrow(/authentication failed/);
    for (const password of ['mine', KNOWN])
      await expect(loginWith(password)).rejects.toThrow(/authentication failed/);
    expect(await listed(fixture)).toEqual([]);
  });

  it('what a holder chose for the account’s sessions is not there for the next', async () => {
    const sessions = { 'prod:db.write': { searchPath: ['app'], connectionLimit: 3 } };
    const fixture = open({ sessions });
    const session = await logIn(await fixture.issue());
    await session.sql("ALTER ROLE CURRENT_USER IN DATABASE orders SET search_path = 'trap'");
    await session.sql("ALTER ROLE CURRENT_USER SET work_mem = '1MB'");
    await fixture.remove();
    const next = open({ sessions });
    expect(await (await logIn(await next.issue())).sql('SHOW search_path')).toEqual([{ search_path: 'app' }]);
    expect(
      await server.sql(
        "SELECT setconfig AS set FROM pg_db_role_setting WHERE setrole = 'app_legacy'::regrole",
      ),
    ).toEqual([{ set: ['search_path=app'] }]);
    await next.remove();
  });

  it('S5: is taken back also where the configuration does not speak of it any more', async () => {
    const fixture = open();
    const session = await logIn(await fixture.issue());
    const later = openOther();
    const deadlineAt = Date.now() + 10_000;
    expect(await listed(later)).toEqual([fixture.handle]);
    expect(await later.connector.remove(fixture.handle, { scopes: SCOPES, deadlineAt })).toEqual({
      sessionsEnded: 1,
    });
    await session.closed;
  });

  it('whose mark somebody wrote another comment over is taken back all the same', async () => {
    const fixture = open();
    const session = await logIn(await fixture.issue());
    await server.sql("COMMENT ON ROLE app_legacy IS 'ask the shop about this'");
    expect(await fixture.remove()).toBe(1);
    await session.closed;
    expect(await canLogIn()).toBe(false);
  });

  it.each([
    ['jit never gave to anybody', ''],
    ['somebody has back for good', "ALTER ROLE app_legacy VALID UNTIL 'infinity'"],
    ['another jit has', "COMMENT ON ROLE app_legacy IS '[jit zzzz0000 nobody 2026-01-01T00:00:00Z]'"],
  ])('that %s is left alone when a grant that did not get it ends', async (_, sql) => {
    await server.sql(sql);
    expect(await open().remove()).toBe(0);
    expect(await canLogIn()).toBe(true);
  });

  it('that somebody opened by hand is closed before the next grant has it', async () => {
    const fixture = open();
    await fixture.issue();
    await fixture.remove();
    await server.sql("ALTER ROLE app_legacy LOGIN PASSWORD 'by hand'");
    const next = open();
    const guest = await loginWith('by hand');
    await next.issue();
    await guest.closed;
    await expect(loginWith('by hand')).rejects.toThrow(/authentication failed/);
    await next.remove();
  });

  it.each([
    [
      'that another jit has',
      "COMMENT ON ROLE app_legacy IS '[jit zzzz0000 nobody 2026-01-01T00:00:00Z]'",
      /another jit has app_legacy/,
    ],
    [
      'that can make roles',
      'ALTER ROLE app_legacy CREATEROLE',
      /app_legacy can make roles, which would outlive/,
    ],
    [
      'that can become one that makes roles',
      `CREATE ROLE maker CREATEROLE; CREATE ROLE between IN ROLE maker;
        GRANT between TO app_legacy`,
      /app_legacy can make roles, which would outlive/,
    ],
    ['that is not there', 'DROP OWNED BY app_legacy; DROP ROLE app_legacy', /there is no role app_legacy/],
    [
      'over which jit has no power',
      'REVOKE app_legacy FROM jit_admin; ALTER ROLE app_legacy REPLICATION',
      /permission denied|must be superuser/,
    ],
  ])('%s is refused by name, and stays as it is', async (_, sql, why) => {
    await server.sql(sql);
    await expect(open().issue()).rejects.toMatchObject({
      code: 'target_failed',
      message: expect.stringMatching(why),
    });
    expect(await canLogIn()).toBe(sql.includes('DROP ROLE') ? undefined : true);
    await server.sql('ALTER ROLE app_legacy NOREPLICATION').catch(() => {});
  });

  it('is not given out together with another login', async () => {
    const why = expect.stringContaining('two different logins');
    await expect(open().issue(['prod:db.write', 'prod:db.read'])).rejects.toMatchObject({ message: why });
    const mixed = open({
      accounts: { 'prod:db.write': 'app_legacy' },
      memberOf: { 'prod:db.read': ['orders_reader'] },
    });
    await expect(mixed.issue(['prod:db.read', 'prod:db.write'])).rejects.toMatchObject({ message: why });
    expect(await canLogIn()).toBe(true);
  });
});
