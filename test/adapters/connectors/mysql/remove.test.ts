import { expect, it } from 'vitest';
import { logIn } from '../../../support/databases/mariadb.ts';
import { describeMariaDb } from './fixture.ts';
import { beginLogin } from './slow-login.ts';

await describeMariaDb({ name: 'removing a user of MariaDB' }, (server, open) => {
  it('S6: what an engineer made stays: tables, rows, views, events', async () => {
    const fixture = open();
    const session = await logIn(await fixture.issue());
    await session.sql('CREATE TABLE kept AS SELECT 42 AS answer');
    await session.sql('CREATE SQL SECURITY INVOKER VIEW seen AS SELECT answer FROM kept');
    await session.sql('CREATE EVENT later ON SCHEDULE EVERY 1 YEAR DO DELETE FROM kept');
    expect(await fixture.remove()).toBe(1);
    expect(await server.sql('SELECT answer FROM orders.seen')).toEqual([{ answer: 42 }]);
    const events = "SELECT EVENT_NAME AS name FROM information_schema.EVENTS WHERE EVENT_NAME = 'later'";
    expect(await server.sql(events)).toEqual([{ name: 'later' }]);
    expect(await fixture.findTraces()).toEqual([]);
  });

  it('what ran with the rights of the engineer does not run any more', async () => {
    const fixture = open();
    const session = await logIn(await fixture.issue());
    await session.sql('CREATE SQL SECURITY DEFINER VIEW lent AS SELECT total FROM orders');
    await fixture.remove();
    await expect(server.sql('SELECT * FROM orders.lent')).rejects.toThrow(/definer/);
  });

  it('S6: ends sessions in the middle of a statement or of a transaction', async () => {
    const fixture = open();
    const credential = await fixture.issue();
    const [busy, waiting] = [await logIn(credential), await logIn(credential)];
    await waiting.sql('BEGIN');
    await waiting.sql('UPDATE orders SET total = 0');
    const cut = expect(busy.sql('SELECT SLEEP(600)')).rejects.toThrow();
    expect(await fixture.remove()).toBe(2);
    await Promise.all([cut, busy.closed, waiting.closed]);
    expect(await fixture.findTraces()).toEqual([]);
    expect(await server.sql('SELECT MAX(total) AS most FROM orders.orders')).toEqual([{ most: 400 }]);
  });

  it('S6: a login that is under way is ended too: locking and dropping alone would let it in', async () => {
    const fixture = open();
    const credential = await fixture.issue();
    const free = await beginLogin(credential);
    expect(await free.finish()).toBe(0);
    free.close();
    const unchecked = await beginLogin(credential);
    await server.sql(`ALTER USER ${fixture.handle}@'%' ACCOUNT LOCK`);
    expect(await unchecked.finish()).toBe(0);
    unchecked.close();
    await fixture.issue();
    const caught = await beginLogin(credential);
    await fixture.remove();
    expect(await caught.finish()).not.toBe(0);
    expect(await fixture.findTraces()).toEqual([]);
  });

  it('S6: nobody who keeps logging in meanwhile is left with a session', async () => {
    const fixture = open();
    const credential = await fixture.issue();
    let refused = 0;
    const storm = Array.from({ length: 6 }, async () => {
      // Two at a time each: a server with no connection left would refuse everybody, jit too.
      const held: Awaited<ReturnType<typeof logIn>>[] = [];
      while (refused < 20) {
        await logIn(credential).then(
          (session) => held.push(session),
          () => {
            refused += 1;
          },
        );
        if (held.length > 2)
          await held
            .shift()
            ?.close()
            .catch(() => {});
      }
    });
    await logIn(credential);
    expect(await fixture.remove()).toBeGreaterThan(0);
    await Promise.all(storm);
    expect(await fixture.findTraces()).toEqual([]);
  });

  it('S5: a lock fails the removal at its deadline, with nothing left waiting; the next try succeeds', async () => {
    const fixture = open();
    await fixture.issue();
    const release = await server.hold('FLUSH TABLES WITH READ LOCK');
    const began = performance.now();
    await expect(fixture.remove(700)).rejects.toMatchObject({
      code: 'target_failed',
      message: expect.stringContaining('in time'),
    });
    expect(performance.now() - began).toBeLessThan(2000);
    const waiting = "SELECT INFO FROM information_schema.PROCESSLIST WHERE USER = 'jit_admin'";
    await expect.poll(() => server.sql(waiting), { timeout: 3000 }).toEqual([]);
    await release();
    await fixture.remove();
    expect(await fixture.findTraces()).toEqual([]);
  });

  it('an engineer who takes a lock with the name of the user holds up nothing', async () => {
    const fixture = open();
    const session = await logIn(await fixture.issue());
    const taken = await session.sql(`SELECT GET_LOCK('${fixture.handle}', 0) AS taken`);
    expect(taken).toEqual([{ taken: 1 }]);
    expect(await fixture.remove(3000)).toBe(1);
    expect(await fixture.findTraces()).toEqual([]);
  });

  it.each([
    ['locked, with its sessions', (name: string) => [`ALTER USER ${name}@'%' ACCOUNT LOCK`]],
    ['without its user', (name: string) => [`DROP USER ${name}@'%'`]],
    ['without its role', (name: string) => [`DROP ROLE ${name}`]],
  ])('S4: finishes what a killed server left: %s', async (_what, spoil) => {
    const fixture = open();
    const session = await logIn(await fixture.issue());
    for (const statement of spoil(fixture.handle)) await server.sql(statement);
    expect(await fixture.remove()).toBe(1);
    await session.closed;
    expect(await fixture.findTraces()).toEqual([]);
  });

  it('S8: takes away accounts of that name whatever host somebody gave them', async () => {
    const fixture = open();
    await fixture.issue();
    const odd = "'10.0.`0\\'x.%'";
    await server.sql(`CREATE USER ${fixture.handle}@${odd}`);
    await fixture.remove();
    expect(await fixture.findTraces()).toEqual([]);
  });

  it('I2: removals at once all succeed, and count each session once', async () => {
    const fixture = open();
    await logIn(await fixture.issue());
    const ended = await Promise.all([fixture.remove(), fixture.remove(), fixture.remove()]);
    expect(ended.reduce((sum, one) => sum + one, 0)).toBe(1);
    expect(await fixture.findTraces()).toEqual([]);
  });

  it('I1: issuing and removing at once leave all or nothing, and never an account that cannot be removed', async () => {
    const fixture = open();
    const calls = Array.from({ length: 6 }, (_, index) =>
      index % 2 === 0 ? fixture.issue() : fixture.remove(),
    );
    const refused = { status: 'rejected', reason: { code: 'target_failed' } };
    for (const [index, call] of (await Promise.allSettled(calls)).entries()) {
      // A removal does not wait until somebody has made what it is going to take away.
      if (index % 2 === 0 && call.status === 'rejected') expect(call).toMatchObject(refused);
      else expect(call.status).toBe('fulfilled');
    }
    await fixture.remove();
    expect(await fixture.findTraces()).toEqual([]);
  });

  it('forty removals at once take no more connections than a few', async () => {
    const fixture = open();
    const handles = Array.from({ length: 40 }, (_, index) => fixture.connector.plan(`gr_many${index}`));
    const deadlineAt = Date.now() + 20_000;
    const order = { scopes: ['prod:db.read'], expiresAt: Date.now() + 600_000, deadlineAt };
    await server.sql('FLUSH STATUS');
    await Promise.all(handles.map((handle) => fixture.connector.issue({ ...order, handle })));
    await Promise.all(handles.map((handle) => fixture.connector.remove(handle, { scopes: [], deadlineAt })));
    expect(await fixture.connector.list(deadlineAt)).toEqual([]);
    const [row] = await server.sql("SHOW GLOBAL STATUS LIKE 'Max_used_connections'");
    expect(Number(row?.Value)).toBeLessThan(12);
  });

  it('S6: an administrator who may see no session but its own does not take that for gone, and makes no grant', async () => {
    const fixture = open();
    const engineer = await logIn(await fixture.issue());
    await server.sql("REVOKE PROCESS ON *.* FROM 'jit_admin'@'%'");
    const refused = { code: 'target_failed', message: expect.stringContaining('PROCESS privilege') };
    await expect(fixture.remove()).rejects.toMatchObject(refused);
    await expect(open().issue()).rejects.toMatchObject(refused);
    await server.sql("GRANT PROCESS ON *.* TO 'jit_admin'@'%'");
    expect(await fixture.remove()).toBe(1);
    await engineer.closed;
  });
});
