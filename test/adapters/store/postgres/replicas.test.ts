import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MIGRATIONS } from '../../../../src/adapters/store/migrations/migrations.ts';
import type { OpenStore } from '../../../../src/adapters/store/opened.ts';
import { openPostgresStore } from '../../../../src/adapters/store/postgres/open.ts';
import { buildConnection, type PostgresAddress } from '../../../../src/adapters/store/postgres/pool.ts';
import type { LoggedChange, Store, StoreChange } from '../../../../src/core/ports/store.ts';
import { advance, buildEvent, buildWork, storeRequest } from '../../../../src/testing/store/rows.ts';
import { startTestStores, type TestStores } from '../../../support/databases/postgres-stores.ts';
import { until } from '../../../support/until.ts';

let stores: TestStores | undefined;
let address: PostgresAddress;

beforeAll(async () => {
  stores = await startTestStores('system');
});

afterAll(() => stores?.stop());

beforeEach(async ({ skip }) => {
  if (!stores) return skip();
  address = await stores.makeDatabase();
});

async function open(): Promise<OpenStore & AsyncDisposable> {
  const opened = await openPostgresStore({ address });
  return { ...opened, [Symbol.asyncDispose]: opened.close };
}

/** A connection that does things which no store would. */
async function connect(): Promise<Client & AsyncDisposable> {
  const client = new Client(buildConnection(address));
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
}

/** What a slow commit of another server writes, so far. */
async function beginSlowCommit(client: Client, id: string): Promise<void> {
  await client.query('begin');
  await client.query(
    "insert into audit_events (id, kind, at, actor, detail) values ($1, 'session.started', 1, 'eva', '{}')",
    [id],
  );
  await client.query('insert into unsealed_events (event_id) values ($1)', [id]);
}

function collect(store: Store): readonly StoreChange[] {
  const told: StoreChange[] = [];
  store.changes((change) => told.push(change));
  return told;
}

const toKinds = (changes: readonly LoggedChange[]): readonly string[] => changes.map(({ kind }) => kind);

describe('the order of the log', () => {
  it('has what is committed late after what was read before, though it was written earlier', async () => {
    await using slow = await connect();
    await using one = await open();
    await using other = await open();
    await beginSlowCommit(slow, 'ev_slow');
    await one.store.commit({ event: buildEvent('grant.activated') });
    const seen = await other.store.listChanges({ after: 0, limit: 9 });
    expect(toKinds(seen)).toEqual(['grant.activated']);
    await slow.query('commit');
    const position = seen.at(-1)?.position ?? 0;
    const later = await one.store.listChanges({ after: position, limit: 9 });
    expect(toKinds(later)).toEqual(['session.started']);
    expect(await other.store.listChanges({ after: 0, limit: 9 })).toEqual([...seen, ...later]);
    expect(await other.store.findPosition()).toBe(later[0]?.position);
  });

  it('is one for all of ten readers of two servers who read while both write', async () => {
    await using one = await open();
    await using other = await open();
    const both = [one.store, other.store];
    let isWritten = false;
    const read = async (store: Store): Promise<readonly LoggedChange[]> => {
      const seen: LoggedChange[] = [];
      for (let isLast = false; !isLast; ) {
        isLast = isWritten;
        const more = await store.listChanges({ after: seen.at(-1)?.position ?? 0, limit: 1_000 });
        seen.push(...more);
      }
      return seen;
    };
    const writers = both.flatMap((store) =>
      Array.from({ length: 100 }, () => store.commit({ event: buildEvent('session.started') })),
    );
    const readers = Array.from({ length: 10 }, (_, reader) => read(both[reader % 2] ?? one.store));
    await Promise.all(writers);
    isWritten = true;
    const all = await Promise.all(readers);
    expect(all[0]?.map(({ position }) => position)).toEqual(
      Array.from({ length: 200 }, (_, index) => index + 1),
    );
    for (const seen of all) expect(seen).toEqual(all[0]);
  });
});

describe('what another server commits', () => {
  it('is told here, once', async () => {
    await using one = await open();
    await using other = await open();
    const told = collect(one.store);
    const events = Array.from({ length: 300 }, (_, index) =>
      buildEvent('session.started', { requestId: `req_${index}` }),
    );
    await Promise.all(events.map((event) => other.store.commit({ event })));
    await until('all told', async () => told.length >= 300);
    await one.store.commit({ event: buildEvent('session.started', { requestId: 'req_own' }) });
    const ids = told.map(({ requestId }) => requestId);
    expect(ids.toSorted()).toEqual([...events.map(({ requestId }) => requestId), 'req_own'].toSorted());
  });

  it('is told all the same where no message came of it', async () => {
    await using one = await open();
    const told = collect(one.store);
    await using silent = await connect();
    await beginSlowCommit(silent, 'ev_silent');
    await silent.query("update audit_events set request_id = 'req_silent'");
    await silent.query('commit');
    await until('told', async () => told.length > 0);
    expect(told).toEqual([{ requestId: 'req_silent', grantId: null }]);
  });

  it('is told again by messages after the listening connection broke', async () => {
    await using one = await open();
    await using other = await open();
    await using admin = await connect();
    const listening =
      "select pid from pg_stat_activity where datname = current_database() and application_name = 'jit store: changes'";
    const { rows } = await admin.query<{ pid: number }>(listening);
    expect(rows).toHaveLength(2);
    await admin.query('select pg_terminate_backend(pid) from unnest($1::int[]) pid', [
      rows.map(({ pid }) => pid),
    ]);
    await until('listening again', async () => {
      const { rows: now } = await admin.query<{ pid: number }>(listening);
      return now.length === 2 && now.every(({ pid }) => !rows.some((row) => row.pid === pid));
    });
    const told = collect(one.store);
    await other.store.commit({ event: buildEvent('session.started', { requestId: 'req_1' }) });
    await until('told', async () => told.length > 0);
    expect(told).toEqual([{ requestId: 'req_1', grantId: null }]);
  });
});

describe('starting', () => {
  it('of five servers at once on an empty database makes the tables once', async ({ skip }) => {
    if (!stores) return skip();
    address = await stores.makeBareDatabase();
    const opened = await Promise.all(Array.from({ length: 5 }, open));
    await using admin = await connect();
    const { rows } = await admin.query('select name from schema_migrations order by position');
    expect(rows).toEqual(MIGRATIONS.map(({ name }) => ({ name })));
    expect(opened.map(({ applied }) => applied.length).toSorted()).toEqual([0, 0, 0, 0, MIGRATIONS.length]);
    const make = (value: number) =>
      opened[value]?.store.readSetting('installation', async () => `of ${value}`);
    const values = await Promise.all([0, 1, 2, 3, 4].map(make));
    expect(new Set(values).size).toBe(1);
    await Promise.all(opened.map(({ close }) => close()));
  });

  it('of a newer version, which adds a column, disturbs nobody who is at work', async () => {
    await using one = await open();
    await using admin = await connect();
    const request = await storeRequest(one.store);
    const work = buildWork('lapse');
    const touch = async (version: number): Promise<void> => {
      expect((await one.store.readRequest(request.id))?.version).toBe(version);
      expect(await one.store.listRequests({ limit: 9 })).toHaveLength(1);
      await one.store.commit({ event: buildEvent('request.reminded'), work: [{ queue: work }] });
      expect(await one.store.takeWork({ now: work.dueAt, leaseMs: 1, limit: 1 })).toHaveLength(1);
    };
    for (let round = 0; round < 20; round += 1)
      await Promise.all([touch(1), one.store.readRequest(request.id)]);
    await admin.query("alter table requests add column added text not null default 'x'");
    await admin.query('alter table work add column added bigint');
    await Promise.all(Array.from({ length: 20 }, () => one.store.readRequest(request.id)));
    await touch(1);
    const after = advance(request, { state: 'cancelled' as const });
    const event = buildEvent('request.cancelled');
    expect(await one.store.commit({ request: { before: request, after }, event })).toBe('committed');
    await touch(2);
  });

  it('says that nobody answers, where nobody does, and shows no password', async () => {
    const nowhere = openPostgresStore({ address: { ...address, port: 1 } });
    await expect(nowhere).rejects.toMatchObject({ code: 'store_unreachable' });
    const stranger = openPostgresStore({ address: { ...address, user: 'nobody_here' } });
    await expect(stranger).rejects.toMatchObject({
      code: 'store_unreachable',
      message: expect.not.stringContaining(address.password?.reveal() ?? ''),
    });
  });
});
