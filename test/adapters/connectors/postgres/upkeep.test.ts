import { beforeEach, expect, it } from 'vitest';
import type { Upkeep } from '../../../../src/core/ports/connector.ts';
import { logIn, realClock } from '../../../support/postgres.ts';
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
  const keepUp = ({ connector }: Fixture): Promise<Upkeep | undefined> =>
    connector.upkeep?.(clock.now() + 10_000) ?? Promise.resolve(undefined);
  const readAccount = async () =>
    (
      await server.sql(
        "SELECT rolpassword AS verifier, rolcanlogin AS open FROM pg_authid WHERE rolname = 'app_legacy'",
      )
    )[0];

  beforeEach(async () => {
    later = 0;
    await server.sql(`DROP ROLE IF EXISTS app_legacy; CREATE ROLE app_legacy LOGIN PASSWORD 'known to many';
      GRANT app_legacy TO jit_admin WITH ADMIN OPTION`);
  });

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
