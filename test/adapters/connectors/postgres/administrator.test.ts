import { beforeEach, expect, it } from 'vitest';
import { Secret } from '../../../../src/core/secret.ts';
import { realClock } from '../../../support/databases/postgres.ts';
import { createShelf, type SecretShelf } from '../../../support/keyrings/secret-shelf.ts';
import { describeEachServer, type Fixture } from './fixture.ts';

const HOUR_SECONDS = 3600;
const FIRST = 'of the configuration';

/** A shelf whose owner dies at the given write: before it is done, or before it is heard that it was. */
function dieAt(
  shelf: SecretShelf,
  { write, moment }: { readonly write: number; readonly moment: 'before' | 'after' },
) {
  let writes = 0;
  const replaceSecret: SecretShelf['replaceSecret'] = async (name, change) => {
    writes += 1;
    if (writes === write && moment === 'before') throw new Error('killed');
    const isReplaced = await shelf.replaceSecret(name, change);
    if (writes === write) throw new Error('killed');
    return isReplaced;
  };
  return { ...shelf, replaceSecret };
}

await describeEachServer({ name: 'the administrator’s password' }, (server, openAny) => {
  let later = 0;
  let shelf = createShelf();
  const clock = { ...realClock, now: () => realClock.now() + later };
  const urlWith = (password: string): Secret => {
    const url = new URL(server.adminUrl.reveal());
    url.username = 'keeper';
    url.password = password;
    return new Secret(url.href);
  };
  const open = (changes = {}) =>
    openAny({ url: urlWith(FIRST), rotateAdminSeconds: HOUR_SECONDS, clock, ...shelf, ...changes });
  const keepUp = ({ connector }: Fixture) =>
    connector.upkeep?.({ deadlineAt: clock.now() + 10_000, begun: [], record: async () => false });
  const list = ({ connector }: Fixture) => connector.list(clock.now() + 10_000);
  // A connection that the server has just dropped may still look whole to a pool.
  const comesBack = (fixture: Fixture) =>
    expect.poll(() => list(fixture).catch(() => undefined), { timeout: 10_000 }).toEqual([]);
  const isTaken = (password: string) =>
    list(open({ url: urlWith(password), ...createShelf() })).then(
      () => true,
      () => false,
    );
  const endSessions = () =>
    server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'keeper'");

  beforeEach(async () => {
    later = 0;
    shelf = createShelf();
    await server.sql(`DROP ROLE IF EXISTS keeper; CREATE ROLE keeper LOGIN CREATEROLE PASSWORD '${FIRST}'`);
  });

  it('is replaced at once and then when its time has come; the configuration’s was only the first', async () => {
    const fixture = open();
    expect(await keepUp(fixture)).toEqual({ rotated: ['keeper'], failures: [] });
    expect(await isTaken(FIRST)).toBe(false);
    expect(await keepUp(fixture)).toEqual({ rotated: [], failures: [] });
    const [second] = shelf.kept.values();
    later = HOUR_SECONDS * 1000 + 1000;
    expect(await keepUp(fixture)).toEqual({ rotated: ['keeper'], failures: [] });
    expect([...shelf.kept.values()][0]?.reveal()).not.toBe(second?.reveal());
    await endSessions();
    expect(await list(open())).toEqual([]);
  });

  it('of several replicas one replaces it; the others find the new one when theirs is refused', async () => {
    const replicas = [open(), open(), open()];
    for (const replica of replicas) await list(replica);
    const rounds = await Promise.all(replicas.map(keepUp));
    expect(rounds.flatMap((round) => round?.rotated)).toEqual(['keeper']);
    expect(shelf.rotated).toEqual(['keeper at orders']);
    await endSessions();
    for (const replica of replicas) {
      const calls = Array.from({ length: 4 }, () => comesBack(replica));
      await Promise.all(calls);
    }
  });

  it.each([
    { write: 1, moment: 'before' as const },
    { write: 1, moment: 'after' as const },
    { write: 2, moment: 'before' as const },
    { write: 2, moment: 'after' as const },
  ])(
    'S4: survives a kill $moment write $write of its record: everybody still gets in, and it is finished later',
    async (point) => {
      const other = open();
      await list(other);
      const died = await keepUp(open(dieAt(shelf, point)));
      expect(died?.failures).toMatchObject([
        { code: 'target_failed', message: expect.stringContaining('killed') },
      ]);
      await endSessions();
      await comesBack(other);
      const next = open();
      expect(await list(next)).toEqual([]);
      const isFinished = point.write === 2 && point.moment === 'after';
      expect(await keepUp(next)).toEqual({ rotated: isFinished ? [] : ['keeper'], failures: [] });
      expect(shelf.rotated).toEqual(['keeper at orders']);
      expect(await isTaken(FIRST)).toBe(false);
      await endSessions();
      expect(await list(open())).toEqual([]);
      await comesBack(other);
    },
  );

  it('S4: survives being killed twice: no third password is made while one is not confirmed', async () => {
    await keepUp(open(dieAt(shelf, { write: 2, moment: 'before' })));
    await keepUp(open(dieAt(shelf, { write: 1, moment: 'after' })));
    await endSessions();
    expect(await list(open())).toEqual([]);
  });

  it('that somebody set at the server and in the configuration is the one from then on', async () => {
    await keepUp(open());
    await server.sql("ALTER ROLE keeper PASSWORD 'by hand'");
    await expect(list(open())).rejects.toMatchObject({ code: 'target_failed' });
    const fixture = open({ url: urlWith('by hand') });
    expect(await list(fixture)).toEqual([]);
    expect(await keepUp(fixture)).toEqual({ rotated: ['keeper'], failures: [] });
    expect(await isTaken('by hand')).toBe(false);
  });

  it('is found where it is not replaced any more, too', async () => {
    await keepUp(open());
    const fixture = open({ rotateAdminSeconds: undefined });
    expect(fixture.connector.upkeep).toBeUndefined();
    expect(await list(fixture)).toEqual([]);
  });
});
