import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '../../../../src/adapters/store/migrations/migrations.ts';
import { openBarePostgres } from '../../../../src/adapters/store/postgres/bare.ts';
import { POSTGRES } from '../../../../src/adapters/store/postgres/engine.ts';
import { openPostgresStore } from '../../../../src/adapters/store/postgres/open.ts';
import { startTestStores, type TestStores } from '../../../support/databases/postgres-stores.ts';
import { until } from '../../../support/until.ts';

let stores: TestStores | undefined;

beforeAll(async () => {
  stores = await startTestStores('system');
});

afterAll(() => stores?.stop());

describe('a database that is no good for a store', () => {
  it('is refused where it cannot write down every name and reason', async ({ skip }) => {
    if (!stores) return skip();
    const made = `create database latin owner jit_admin encoding 'LATIN1' lc_collate 'C' lc_ctype 'C' template template0`;
    await stores.server.sql(made, 'postgres');
    const address = { ...(await stores.makeBareDatabase()), database: 'latin' };
    await expect(openPostgresStore({ address })).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringMatching(/latin.*encoding LATIN1.*UTF8/),
    });
  });

  it('is refused where a crash could undo what was told', async ({ skip }) => {
    if (!stores) return skip();
    const address = await stores.makeDatabase();
    await stores.server.sql(`alter database ${address.database} set synchronous_commit = off`);
    await expect(openPostgresStore({ address })).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining('synchronous_commit'),
    });
  });

  it('is away while it only reads, as the copy that an address leads to after a failover', async ({
    skip,
  }) => {
    if (!stores) return skip();
    const { server } = stores;
    const address = await stores.makeDatabase();
    const { store, close } = await openPostgresStore({ address });
    const lead = async (readOnly: 'on' | 'off'): Promise<void> => {
      const { database } = address;
      await server.sql(`alter database ${database} set default_transaction_read_only = ${readOnly}`);
      await server.sql(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database}'`,
      );
    };
    try {
      await lead('on');
      await until('away', async () => {
        const found = await store.findPosition().catch((error: Error) => error.message);
        return String(found).endsWith('the database only reads');
      });
      await lead('off');
      await until('back', () =>
        store.findPosition().then(
          () => true,
          () => false,
        ),
      );
    } finally {
      await close();
    }
  });
});

it('a copy and a change of the tables may take long, and hold up nobody by it', async ({ skip }) => {
  if (!stores) return skip();
  const { db, close } = openBarePostgres(await stores.makeBareDatabase());
  const names = ['statement_timeout', 'idle_in_transaction_session_timeout', 'lock_timeout'];
  const shown = names.map((name) => sql<{ is: string }>`select current_setting(${name}) as is`.execute(db));
  expect((await Promise.all(shown)).map(({ rows }) => rows[0]?.is)).toEqual(['1h', '1h', '5s']);
  await close();
});

describe('migrations beside servers that are at work', () => {
  const first = { name: '1', statements: () => ['create table a (x integer)'] };
  const second = { name: '2', statements: () => ['alter table a add column y integer'] };
  const options = { engine: POSTGRES, at: 'the store', now: 1_000 };

  it('keep no table locked while the next one works', async ({ skip }) => {
    if (!stores) return skip();
    const { db, close } = openBarePostgres(await stores.makeBareDatabase());
    const looking = `do $$ begin if exists (select from pg_locks where pid = pg_backend_pid()
      and relation = 'a'::regclass) then raise exception 'a is locked'; end if; end $$`;
    const third = { name: '3', statements: () => [looking] };
    await migrate(db, { ...options, migrations: [first] });
    expect(await migrate(db, { ...options, migrations: [first, second, third] })).toEqual(['2', '3']);
    await close();
  });

  it('are each done by one of several servers that start at once', async ({ skip }) => {
    if (!stores) return skip();
    const address = await stores.makeBareDatabase();
    const bare = Array.from({ length: 3 }, () => openBarePostgres(address));
    const [one] = bare;
    if (one) await migrate(one.db, { ...options, migrations: [first] });
    const more = ['b', 'c', 'd'].map((name) => ({
      name,
      statements: () => [`create table ${name} (x integer)`],
    }));
    const migrations = [first, second, ...more];
    const applied = await Promise.all(bare.map(({ db }) => migrate(db, { ...options, migrations })));
    expect(applied.flat().toSorted()).toEqual(['2', 'b', 'c', 'd']);
    await Promise.all(bare.map(({ close }) => close()));
  });
});

it('a name that no text of the database can be finds nothing, as any other wrong name', async ({ skip }) => {
  if (!stores) return skip();
  const { store, close } = await stores.open();
  expect(await store.readGrant('gr_\0')).toBeUndefined();
  expect(await store.listGrants({ heldBy: 'dev:\0', limit: 1 })).toEqual([]);
  await close();
});

it('only what may be lost with the machine is written without waiting for the disk', async ({ skip }) => {
  if (!stores) return skip();
  const address = await stores.makeDatabase();
  const { protocol, close } = await openPostgresStore({ address });
  const run = (text: string) => stores?.server.sql(text, address.database);
  await run('create table modes (id_hash text, mode text)');
  await run('grant insert on modes to public');
  await run(`create function note_mode() returns trigger language plpgsql as
    $$ begin insert into modes values (new.kind, current_setting('synchronous_commit')); return new; end $$`);
  await run(
    'create trigger noting before insert on protocol_entries for each row execute function note_mode()',
  );
  for (const [kind, brief] of [
    ['a', { isBrief: true }],
    ['b', {}],
    ['c', { isBrief: true }],
    ['d', {}],
  ] as const)
    await protocol.insertOnce({ kind, id: '1', expiresAt: 1, ...brief });
  expect(await run('select mode from modes order by id_hash')).toEqual(
    ['off', 'on', 'off', 'on'].map((mode) => ({ mode })),
  );
  await close();
});
