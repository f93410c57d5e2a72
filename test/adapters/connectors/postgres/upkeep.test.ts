import { afterEach, beforeEach, expect, it } from 'vitest';
import { createIds } from '../../../../src/adapters/ids.ts';
import type { OpenStore } from '../../../../src/adapters/store/opened.ts';
import { IN_MEMORY, openSqliteStore } from '../../../../src/adapters/store/sqlite/open.ts';
import { orderUpkeep } from '../../../../src/broker/work/upkeep.ts';
import type { Upkeep } from '../../../../src/core/ports/connector.ts';
import { logIn, realClock } from '../../../support/databases/postgres.ts';
import { describeEachServer, type Fixture } from './fixture.ts';

const DAY_SECONDS = 86_400;
const DAY_MS = DAY_SECONDS * 1000;

await describeEachServer({ name: 'the accounts of a target' }, (server, openAny) => {
  let later = 0;
  const clock = { ...realClock, now: () => realClock.now() + later };
  const open = (changes = {}) =>
    openAny({
      memberOf: {},
      accounts: { 'prod:db.write': 'app_legacy', 'prod:db.read': 'app_legacy' },
      rotateSeconds: 30 * DAY_SECONDS,
      clock,
      ...changes,
    });
  let opened: OpenStore;
  const parts = () => ({ store: opened.store, clock, ids: createIds(clock) });
  const keepUp = async ({ connector }: Fixture): Promise<Upkeep | undefined> =>
    await connector.upkeep?.(await orderUpkeep(parts(), 'orders'));
  const listRotated = async () =>
    (await opened.store.listEvents({ limit: 99 })).map(({ kind, detail }) => [kind, detail.account]);
  const readAccount = async () =>
    (
      await server.sql(
        "SELECT rolpassword AS verifier, rolcanlogin AS open FROM pg_authid WHERE rolname = 'app_legacy'",
      )
    )[0];

  beforeEach(async () => {
    later = 0;
    opened = await openSqliteStore({ path: IN_MEMORY, clock });
    await server.sql(`DROP ROLE IF EXISTS app_legacy; CREATE ROLE app_legacy LOGIN PASSWORD 'known to many';
      GRANT app_legacy TO jit_admin WITH ADMIN OPTION`);
  });

  afterEach(() => opened.close());

  it('one that jit never had gets a password that nobody knows at once, and is closed', async () => {
    const fixture = open();
    const before = await readAccount();
    expect(await keepUp(fixture)).toEqual({ rotated: ['app_legacy'], failures: [] });
    const after = await readAccount();
    expect(after?.verifier).not.toBe(before?.verifier);
    expect(after?.open).toBe(false);
    expect(await keepUp(fixture)).toEqual({ rotated: [], failures: [] });
  });

  it('one that nobody holds gets another password when its time has come, and not before', async () => {
    const fixture = open();
    await fixture.issue();
    await fixture.remove();
    const first = await readAccount();
    later = 29 * DAY_MS;
    expect(await keepUp(fixture)).toEqual({ rotated: [], failures: [] });
    expect(await readAccount()).toEqual(first);
    later = 31 * DAY_MS;
    expect(await keepUp(fixture)).toEqual({ rotated: ['app_legacy'], failures: [] });
    expect((await readAccount())?.verifier).not.toBe(first?.verifier);
  });

  it('one that a grant has is left alone, however long ago', async () => {
    const fixture = open();
    const session = await logIn(await fixture.issue());
    later = 31 * DAY_MS;
    expect(await keepUp(fixture)).toEqual({ rotated: [], failures: [] });
    expect(await session.sql('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    later = 0;
    await fixture.remove();
  });

  it('of several replicas one replaces the password, and says so', async () => {
    const rounds = await Promise.all([open(), open(), open()].map(keepUp));
    expect(rounds.flatMap((round) => round?.failures)).toEqual([]);
    expect(rounds.flatMap((round) => round?.rotated)).toEqual(['app_legacy']);
    expect(await listRotated()).toEqual([['credential.rotated', 'app_legacy']]);
  });

  it('I4: one that died before it was on record is followed by one that replaces it once more, and says so once', async () => {
    const dying = { ...opened.store, commit: () => Promise.reject(new Error('killed')) };
    const { connector } = open();
    const died = await connector.upkeep?.(await orderUpkeep({ ...parts(), store: dying }, 'orders'));
    expect(died?.failures).toHaveLength(1);
    const first = await readAccount();
    expect(first?.open).toBe(false);
    expect(await listRotated()).toEqual([]);
    const rounds = await Promise.all([open(), open(), open()].map(keepUp));
    expect(rounds.flatMap((round) => round?.failures)).toEqual([]);
    expect(await listRotated()).toEqual([['credential.rotated', 'app_legacy']]);
    expect((await readAccount())?.verifier).not.toBe(first?.verifier);
    expect(await keepUp(open())).toEqual({ rotated: [], failures: [] });
  });

  it('I4: one that a grant has got meanwhile is replaced, and on record, when the grant is over', async () => {
    const dying = { ...opened.store, commit: () => Promise.reject(new Error('killed')) };
    const fixture = open();
    await fixture.connector.upkeep?.(await orderUpkeep({ ...parts(), store: dying }, 'orders'));
    const credential = await fixture.issue();
    expect(await keepUp(fixture)).toEqual({ rotated: [], failures: [] });
    const session = await logIn(credential);
    await session.close();
    await fixture.remove();
    expect(await keepUp(fixture)).toEqual({ rotated: ['app_legacy'], failures: [] });
    expect(await listRotated()).toEqual([['credential.rotated', 'app_legacy']]);
  });

  it('a claim in the middle of it gets the account, and keeps it', async () => {
    const [keeper, holder] = [open(), open()];
    const [, credential] = await Promise.all([keepUp(keeper), holder.issue()]);
    await logIn(credential);
    expect(await keepUp(keeper)).toEqual({ rotated: [], failures: [] });
    await logIn(credential);
    await holder.remove();
  });

  it('what cannot be replaced is told by name, and keeps no other from it', async () => {
    const accounts = { 'prod:db.write': 'app_gone', 'prod:db.read': 'app_legacy' };
    const upkeep = await keepUp(open({ accounts }));
    expect(upkeep?.rotated).toEqual(['app_legacy']);
    expect(upkeep?.failures).toMatchObject([
      { code: 'target_failed', message: expect.stringContaining('there is no role app_gone') },
    ]);
  });

  it('where nothing is said of it, no password is replaced but those of grants', async () => {
    expect(open({ rotateSeconds: undefined }).connector.upkeep).toBeUndefined();
  });
});
