import { expect, it } from 'vitest';
import { findAccounts, retireAccount } from '../../../../src/adapters/connectors/postgres/account.ts';
import { parseAddress } from '../../../../src/adapters/connectors/postgres/address.ts';
import { Connections } from '../../../../src/adapters/connectors/postgres/connections.ts';
import { logIn, realClock } from '../../../support/databases/postgres.ts';
import { describeAccount } from './account-stage.ts';
import { INSTALLATION, SCOPES } from './fixture.ts';

const HOUR_MS = 3_600_000;

await describeAccount('an account that several want', ({ server, open, listed, canLogIn }) => {
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
});
