import { expect, it } from 'vitest';
import { logIn } from '../../../support/databases/postgres.ts';
import { until } from '../../../support/until.ts';
import { describeEachServer, type Fixture } from './fixture.ts';

const TAKES_TURN = 'SELECT pg_advisory_lock(hashtextextended(current_user, 0))';
const KEEPS_ROW = "BEGIN; ALTER ROLE CURRENT_USER PASSWORD 'mine'";

await describeEachServer({ name: 'an engineer who does not want to go' }, (server, open) => {
  const left = ({ handle }: Fixture) =>
    server.sql(`SELECT rolname FROM pg_roles WHERE rolname = '${handle}'`);

  it.each([
    ['has taken the lock under which the role is changed', TAKES_TURN],
    ['has changed the role and keeps the transaction open', KEEPS_ROW],
    [
      'sets something for the role and keeps the transaction open',
      "BEGIN; ALTER ROLE CURRENT_USER SET work_mem = '1MB'",
    ],
  ])('I3: is gone in the first try, who %s', async (_, sql) => {
    const fixture = open();
    const session = await logIn(await fixture.issue());
    await session.sql(sql);
    expect(await fixture.remove(5_000)).toBe(1);
    await session.closed;
    expect(await left(fixture)).toEqual([]);
  });

  it.each([TAKES_TURN, KEEPS_ROW])('I3: is gone, who does it again and again: %s', async (sql) => {
    const fixture = open();
    const credential = await fixture.issue();
    let isOver = false;
    const storm = Array.from({ length: 4 }, async () => {
      while (!isOver) {
        const session = await logIn(credential).catch(() => undefined);
        await session?.sql(sql).catch(() => {});
        await session?.closed;
      }
    });
    await expect
      .poll(() => server.sql(`SELECT FROM pg_stat_activity WHERE usename = '${fixture.handle}'`), {
        timeout: 10_000,
      })
      .toHaveLength(4);
    await fixture.remove().finally(() => {
      isOver = true;
    });
    await Promise.all(storm);
    expect(await left(fixture)).toEqual([]);
  });

  it('S5: is said to be kept by a prepared transaction; once that is over, the next try succeeds', async () => {
    const fixture = open();
    const session = await logIn(await fixture.issue());
    await session.sql("BEGIN; ALTER ROLE CURRENT_USER PASSWORD 'mine'; PREPARE TRANSACTION 'mine'");
    await expect(fixture.remove(5_000)).rejects.toMatchObject({
      code: 'target_failed',
      message: expect.stringContaining('a prepared transaction'),
    });
    await session.closed;
    await server.sql("ROLLBACK PREPARED 'mine'");
    await fixture.remove();
    expect(await left(fixture)).toEqual([]);
  });

  it('cannot keep a colleague’s grant from being made by taking the lock on its name', async () => {
    const [mine, theirs] = [open(), open()];
    const session = await logIn(await mine.issue());
    await session.sql(`SELECT pg_advisory_lock(hashtextextended('${theirs.handle}', 0))`);
    await logIn(await theirs.issue());
    await session.closed;
    await mine.remove();
    await theirs.remove();
  });

  it('I2: is counted once by all who end the session at once, however slow it is to go', async () => {
    const fixture = open();
    const session = await logIn(await fixture.issue());
    const [found] = await session.sql('SELECT pg_backend_pid() AS pid');
    // It cannot go before all of them have seen it.
    process.kill(Number(found?.pid), 'SIGSTOP');
    const removing = Promise.all([fixture.remove(), fixture.remove(), fixture.remove()]);
    const waiting = `SELECT pid FROM pg_stat_activity WHERE usename = 'jit_admin' AND wait_event = 'PgSleep'`;
    await until('all wait for the session', async () => (await server.sql(waiting)).length === 3);
    process.kill(Number(found?.pid), 'SIGCONT');
    const ended = await removing;
    expect(ended.reduce((sum, one) => sum + one, 0)).toBe(1);
    expect(await left(fixture)).toEqual([]);
  });
});
