import { beforeEach, expect, it } from 'vitest';
import { findAccounts, retireAccount } from '../../../../src/adapters/connectors/postgres/account.ts';
import { parseAddress } from '../../../../src/adapters/connectors/postgres/address.ts';
import { Connections } from '../../../../src/adapters/connectors/postgres/connections.ts';
import { buildCredential } from '../../../../src/adapters/connectors/postgres/credential.ts';
import { Secret } from '../../../../src/core/secret.ts';
import { type EngineerSession, logIn, realClock, type TestServer } from '../../../support/postgres.ts';
import { describeEachServer, type Fixture, INSTALLATION, SCOPES } from './fixture.ts';

const ACCOUNTS = { 'prod:db.write': 'app_legacy', 'prod:db.read': 'app_other' };
const KNOWN = 'known to many';
const HOUR_MS = 3_600_000;

const prepare = (server: TestServer) =>
  server.sql(`DROP ROLE IF EXISTS app_legacy; CREATE ROLE app_legacy LOGIN PASSWORD '${KNOWN}';
    GRANT app_legacy TO jit_admin WITH ADMIN OPTION; GRANT SELECT ON orders TO app_legacy;
    COMMENT ON ROLE app_legacy IS 'The old shop'`);

/** As somebody logs in to the account who knows this password. */
const loginWith = ({ adminUrl }: TestServer, password: string): Promise<EngineerSession> => {
  const address = parseAddress(adminUrl, { target: 'orders' });
  const login = { handle: 'jit_abcd1234_0', role: 'app_legacy', password: new Secret(password) };
  return logIn(buildCredential(address, login));
};

await describeEachServer({ name: 'an account that is there already' }, (server, openAny) => {
  const open = (changes = {}) => openAny({ memberOf: {}, accounts: ACCOUNTS, ...changes });
  const listed = async ({ connector }: Fixture) =>
    (await connector.list(Date.now() + 10_000)).map(({ handle }) => handle);
  const comment = async () =>
    (await server.sql("SELECT shobj_description('app_legacy'::regrole, 'pg_authid') AS text"))[0]?.text;
  const canLogIn = async () =>
    (await server.sql("SELECT rolcanlogin AS yes FROM pg_roles WHERE rolname = 'app_legacy'"))[0]?.yes;

  beforeEach(async () => {
    await server.sql('DROP OWNED BY app_legacy').catch(() => {});
    await prepare(server);
  });

  it('is the login of the grant; the password that was is refused, and its sessions are over', async () => {
    const fixture = open();
    const before = await loginWith(server, KNOWN);
    const issued = await fixture.issue();
    await before.closed;
    await expect(loginWith(server, KNOWN)).rejects.toThrow(/authentication failed/);
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
      await expect(loginWith(server, password)).rejects.toThrow(/authentication failed/);
    expect(await listed(fixture)).toEqual([]);
  });

  it('I2: has one holder at a time: the next is told until when, and changes nothing', async () => {
    const [first, second] = [open(), open()];
    const session = await logIn(await first.issue());
    await expect(second.issue()).rejects.toMatchObject({
      code: 'target_failed',
      message: expect.stringMatching(
        /app_legacy is somebody else's until 2\d{3}-\S+Z, and one at a time has it/,
      ),
    });
    const order = {
      handle: second.handle,
      scopes: SCOPES,
      expiresAt: Date.now() + HOUR_MS,
      deadlineAt: Date.now() + 10_000,
    };
    await expect(second.connector.extend(order)).rejects.toMatchObject({ code: 'target_failed' });
    expect(await second.remove()).toBe(0);
    expect(await session.sql('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(await listed(second)).toEqual([first.handle]);
    await first.remove();
    await logIn(await second.issue());
    expect(await first.remove()).toBe(0);
    expect(await listed(first)).toEqual([second.handle]);
    expect(await second.remove()).toBe(1);
  });

  it('I2: of claims that race over several replicas exactly one gets it, and its password is the one that works', async () => {
    const rivals = [open(), open(), open(), open()];
    const outcomes = await Promise.allSettled(rivals.map((rival) => rival.issue()));
    const won = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    expect(won).toHaveLength(1);
    for (const credential of won) await logIn(credential);
    const winner = outcomes.findIndex(({ status }) => status === 'fulfilled');
    expect(await listed(rivals[0] ?? open())).toEqual([rivals[winner]?.handle]);
    await Promise.all(rivals.map((rival) => rival.remove()));
    expect(await canLogIn()).toBe(false);
  });

  it('I2: one at a time has it also where the administrator’s transactions begin stricter', async () => {
    await server.sql("ALTER ROLE jit_admin SET default_transaction_isolation = 'repeatable read'");
    const rivals = [open(), open(), open(), open()];
    for (const rival of rivals) await listed(rival);
    const outcomes = await Promise.allSettled(rivals.map((rival) => rival.issue()));
    await server.sql('ALTER ROLE jit_admin RESET ALL');
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const lost = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [String(outcome.reason)] : [],
    );
    for (const reason of lost) expect(reason).toContain("app_legacy is somebody else's");
    await Promise.all(rivals.map((rival) => rival.remove()));
  });

  it('I2: a removal that looked before somebody else got the account touches nothing of theirs', async () => {
    const [first, second] = [open(), open()];
    const address = parseAddress(server.adminUrl, { target: 'orders' });
    const connections = new Connections({ address, clock: realClock, poolSize: 1 });
    const deadline = { target: 'orders', at: Date.now() + 10_000, clock: realClock };
    const work = { connections, namer: { name: 'orders', installation: INSTALLATION }, deadline };
    await first.issue();
    const [stale] = await findAccounts(work, ['app_legacy']);
    await first.remove();
    const session = await logIn(await second.issue());
    expect(stale && (await retireAccount(work, stale))).toEqual({ isDone: false, sessionsEnded: 0 });
    expect(await session.sql('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await second.remove();
    await connections.close();
  });

  it('I1: removals of one grant and claims of the next, all at once, end in one holder who can log in', async () => {
    const [first, second] = [open(), open()];
    await first.issue();
    const claims = Array.from({ length: 6 }, () => second.issue().catch(() => undefined));
    await Promise.all([first.remove(), first.remove(), first.remove(), ...claims]);
    const credential = await second.issue();
    await logIn(credential);
    await first.remove();
    await logIn(credential);
    expect(await listed(first)).toEqual([second.handle]);
    await second.remove();
  });

  it('I3: an engineer who keeps the account’s row is gone in the first try', async () => {
    const fixture = open();
    const session = await logIn(await fixture.issue());
    await session.sql("BEGIN; ALTER ROLE CURRENT_USER PASSWORD 'mine'");
    expect(await fixture.remove(5_000)).toBe(1);
    await session.closed;
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
    const later = openAny();
    const deadlineAt = Date.now() + 10_000;
    expect(await listed(later)).toEqual([fixture.handle]);
    expect(await later.connector.remove(fixture.handle, { scopes: SCOPES, deadlineAt })).toEqual({
      sessionsEnded: 1,
    });
    await session.closed;
  });

  it('that somebody opened by hand is closed before the next grant has it', async () => {
    const fixture = open();
    await fixture.issue();
    await fixture.remove();
    await server.sql("ALTER ROLE app_legacy LOGIN PASSWORD 'by hand'");
    const next = open();
    const guest = await loginWith(server, 'by hand');
    await next.issue();
    await guest.closed;
    await expect(loginWith(server, 'by hand')).rejects.toThrow(/authentication failed/);
    await next.remove();
  });

  it.each([
    [
      'that another jit has',
      "COMMENT ON ROLE app_legacy IS '[jit zzzz0000 nobody 2026-01-01T00:00:00Z]'",
      /another jit has app_legacy/,
    ],
    ['that is not there', 'DROP OWNED BY app_legacy; DROP ROLE app_legacy', /there is no role app_legacy/],
    [
      'over which jit has no power',
      'REVOKE app_legacy FROM jit_admin; ALTER ROLE app_legacy SUPERUSER',
      /permission denied|must be superuser/,
    ],
  ])('%s is refused by name, and stays as it is', async (_, sql, why) => {
    await server.sql(sql);
    await expect(open().issue()).rejects.toMatchObject({
      code: 'target_failed',
      message: expect.stringMatching(why),
    });
    expect(await canLogIn()).toBe(sql.includes('DROP ROLE') ? undefined : true);
    await server.sql('ALTER ROLE app_legacy NOSUPERUSER').catch(() => {});
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
