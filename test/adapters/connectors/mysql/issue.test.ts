import { expect, it } from 'vitest';
import { logIn } from '../../../support/databases/mariadb.ts';
import { describeMariaDb } from './fixture.ts';

await describeMariaDb({ name: 'issuing a user of MariaDB' }, (server, open) => {
  it('lets the user do what the roles of all its scopes may, from the first statement on', async () => {
    const { issue } = open();
    const session = await logIn(await issue(['prod:db.read', 'prod:db.write']));
    await session.sql('INSERT INTO orders (total) VALUES (1)');
    await session.sql('DELETE FROM orders WHERE id > 400');
    expect(await session.sql('SELECT COUNT(*) AS count FROM orders')).toEqual([{ count: 400 }]);
  });

  it('lets a reader read, and neither write nor pass anything on', async () => {
    const fixture = open();
    const session = await logIn(await fixture.issue(['prod:db.read']));
    expect(await session.sql('SELECT COUNT(*) AS count FROM orders')).toEqual([{ count: 400 }]);
    await expect(session.sql('DELETE FROM orders')).rejects.toThrow(/denied/);
    await expect(session.sql(`GRANT orders_reader TO jit_admin@'%'`)).rejects.toThrow(/denied/);
    await expect(session.sql('SELECT * FROM mysql.user')).rejects.toThrow(/denied/);
  });

  it('I2: a second issue takes away what is not of its scopes any more', async () => {
    const fixture = open();
    await fixture.issue(['prod:db.write']);
    const session = await logIn(await fixture.issue(['prod:db.read']));
    await expect(session.sql('DELETE FROM orders')).rejects.toThrow(/denied/);
    expect(await session.sql('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('S8: sends neither a password nor anything else to guess it by in the clear', async () => {
    const { issue } = open();
    const credential = await issue();
    const password = credential.secretFiles[0]?.instead.value.reveal() ?? '';
    const log = await server.readLog();
    expect(log).toContain('ALTER USER');
    expect(log).not.toContain(password);
    expect(JSON.stringify(credential)).not.toContain(password);
  });

  it('names a user that every MySQL takes, with what is random in the id of the grant', () => {
    const { connector } = open();
    const handle = connector.plan('gr_01k9abcdefghjkmnpqrstvwxyz');
    expect(handle).toBe('jit_abcd1234_defghjkmnpqrstvwxyz');
    expect(handle).toHaveLength(32);
  });

  it('lists its own and nobody else, whatever they are called', async () => {
    const fixture = open();
    await fixture.issue();
    const strangers = ["jit_abcd1234_'; --", 'jit_abcd1234', 'jit_abcd12345_01', 'JIT_ABCD1234_01'];
    for (const name of strangers) await server.sql(`CREATE USER "${name}"@'%'`);
    const live = await fixture.connector.list(Date.now() + 10_000);
    expect(live.filter(({ handle }) => handle === fixture.handle)).toHaveLength(1);
    for (const { handle } of live) expect(handle).toMatch(/^jit_abcd1234_[0-9]+$/);
    for (const name of strangers) await server.sql(`DROP USER "${name}"@'%'`);
  });

  it('S4: finishes what a killed server began, and lets nobody in before it is whole', async () => {
    const fixture = open();
    await server.sql(`CREATE USER ${fixture.handle}@'%' ACCOUNT LOCK`);
    await server.sql(`CREATE ROLE ${fixture.handle} WITH ADMIN jit_admin@'%'`);
    const session = await logIn(await fixture.issue(['prod:db.read']));
    expect(await session.sql('SELECT COUNT(*) AS count FROM orders')).toEqual([{ count: 400 }]);
  });

  it('a role that is not there fails by name, and the account that was begun stays locked', async () => {
    const fixture = open({ memberOf: { 'prod:db.write': ['no_such_role'] } });
    await expect(fixture.issue()).rejects.toMatchObject({
      code: 'target_failed',
      message: expect.stringContaining('no_such_role'),
    });
    const sql = `SELECT JSON_VALUE(Priv, '$.account_locked') AS locked FROM mysql.global_priv
      WHERE User = '${fixture.handle}' AND Host = '%'`;
    expect(await server.sql(sql)).toEqual([{ locked: '1' }]);
    await fixture.remove();
  });

  it('extending what is not there is target_failed', async () => {
    const { connector, handle } = open();
    const order = { handle, scopes: [], expiresAt: Date.now() + 60_000, deadlineAt: Date.now() + 5000 };
    await expect(connector.extend(order)).rejects.toMatchObject({ code: 'target_failed' });
  });

  it('has a password that ends by itself, should jit never come back', async () => {
    const fixture = open();
    await fixture.issue();
    const sql = `SELECT JSON_VALUE(Priv, '$.password_lifetime') AS days FROM mysql.global_priv
      WHERE User = '${fixture.handle}' AND Host = '%'`;
    expect(await server.sql(sql)).toEqual([{ days: '2' }]);
    const expiresAt = Date.now() + 3 * 86_400_000;
    const order = { handle: fixture.handle, scopes: [], expiresAt, deadlineAt: Date.now() + 5000 };
    await fixture.connector.extend(order);
    expect(await server.sql(sql)).toEqual([{ days: '4' }]);
  });
});
