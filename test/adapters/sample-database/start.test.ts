import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findServer, type ServerKind } from '../../../src/adapters/sample-database/server-files.ts';
import { type SampleDatabase, startSampleDatabase } from '../../../src/adapters/sample-database/start.ts';
import { openSample as open, query } from './sample.ts';

const STARTER = fileURLToPath(new URL('starter.ts', import.meta.url));

let folder: string;
const started: SampleDatabase[] = [];
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = await makeFolder();
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const database of started.splice(0)) await database.stop();
  await rm(folder, { recursive: true, force: true });
});

/** One that PostgreSQL's own account can pass through. */
async function makeFolder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'jit-test-sample-'));
  await chmod(made, 0o711);
  return made;
}

it('is undefined where no server is to be had', async () => {
  expect(await startSampleDatabase({ folder, kinds: [] })).toBeUndefined();
});

for (const kind of ['embedded', 'system'] as const) {
  const found = await findServer({ kinds: [kind], searchPath: '' });
  if (!found && process.env.JIT_TEST_NO_SKIP === '1') throw new Error(`no ${kind} PostgreSQL`);
  if (!found) process.stderr.write(`skipped: no ${kind} PostgreSQL on this machine\n`);
  describe.skipIf(!found)(`the sample database (${kind})`, () => {
    describe('while it runs', () => describeRunning(kind));
    describe('from start to start', () => describeStarts(kind));
  });
}

function describeRunning(kind: ServerKind): void {
  let root: string;
  let database: SampleDatabase;

  beforeAll(async () => {
    root = await makeFolder();
    database = await open({ folder: join(root, 'db'), kinds: [kind] });
  });

  afterAll(async () => {
    await database.stop();
    await rm(root, { recursive: true, force: true });
  });

  it('has orders, two roles for them, and an administrator who is no superuser', async () => {
    const { adminUrl } = database;
    const sql = `SELECT current_user::text AS me, rolsuper, rolcreaterole, pg_has_role('orders_reader', 'MEMBER') AS reader,
      (SELECT count(*)::int FROM pg_auth_members WHERE member = r.oid AND admin_option) AS administers
      FROM pg_roles r WHERE rolname = current_user`;
    expect(await query(adminUrl.reveal(), sql)).toEqual([
      { me: 'jit_admin', rolsuper: false, rolcreaterole: true, reader: true, administers: 2 },
    ]);
    expect(await query(adminUrl.reveal(), 'SELECT count(*) > 100 AS many FROM orders')).toEqual([
      { many: true },
    ]);
  });

  it('lets nobody in over TCP without the password, and the superuser not at all', async () => {
    const { adminUrl, port } = database;
    const url = new URL(adminUrl.reveal());
    url.password = 'guessed';
    await expect(query(url.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
    const superuser = { host: '127.0.0.1', port, user: 'postgres', password: 'x', database: 'postgres' };
    await expect(query(superuser, 'SELECT 1')).rejects.toThrow(/rejects connection/);
  });

  it('lets the superuser in by a socket in a closed folder, and as nobody else than the starter', async () => {
    const { superuser } = database;
    expect((await stat(superuser.socketFolder)).mode & 0o777).toBe(0o700);
    const config = { host: superuser.socketFolder, port: superuser.port, database: 'orders' };
    expect(await query({ ...config, user: 'postgres' }, 'SELECT current_user::text AS me')).toEqual([
      { me: 'postgres' },
    ]);
    await expect(query({ ...config, user: 'jit_admin' }, 'SELECT 1')).rejects.toThrow(/no pg_hba.conf entry/);
  });
}

function describeStarts(kind: ServerKind): void {
  const start = async (port?: number): Promise<SampleDatabase> => {
    const database = await open({ folder: join(folder, 'db'), kinds: [kind], port });
    started.push(database);
    return database;
  };
  const startAndStop = async () => {
    const database = await start();
    await database.stop();
    return database;
  };
  const startElsewhere = async () => {
    const child = spawn(process.execPath, [STARTER, join(folder, 'db'), '0', kind]);
    children.push(child);
    const [line] = await once(child.stdout, 'data');
    const { port } = JSON.parse(String(line)) as { readonly port: number };
    return { child, port };
  };

  it('keeps its data, and changes its password at each start', async () => {
    const first = await start();
    await query(
      first.adminUrl.reveal(),
      "SET ROLE orders_writer; UPDATE orders SET status = 'kept' WHERE id = 7",
    );
    await first.stop();
    const second = await start(first.port);
    expect(second.port).toBe(first.port);
    const sql = 'SELECT (SELECT status FROM orders WHERE id = 7), count(*)::int FROM orders';
    expect(await query(second.adminUrl.reveal(), sql)).toEqual([{ status: 'kept', count: 400 }]);
    await expect(query(first.adminUrl.reveal(), sql)).rejects.toThrow(/password authentication failed/);
  });

  it('I5: the password is in no file', async () => {
    const { adminUrl, folder: root, stop } = await start();
    await stop();
    const { password } = new URL(adminUrl.reveal());
    const names = await readdir(root, { recursive: true, withFileTypes: true });
    const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    expect(files.length).toBeGreaterThan(100);
    for (const file of files) expect((await readFile(file)).includes(password), file).toBe(false);
  });

  it('I6: stopping leaves no process, no socket and no port', async () => {
    const { superuser, port, stop } = await start();
    await stop();
    await expect(stat(superuser.socketFolder)).rejects.toThrow(/ENOENT/);
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    server.close();
  });

  it('I6: finds the server of a starter that was killed, stops it and takes over', async () => {
    const { child, port } = await startElsewhere();
    child.kill('SIGKILL');
    await once(child, 'exit');
    const database = await start(port);
    expect(await query(database.adminUrl.reveal(), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('leaves the server of a starter that lives alone', async () => {
    const { child, port } = await startElsewhere();
    await expect(start()).rejects.toMatchObject({ code: 'store_in_use' });
    const anyone = { host: '127.0.0.1', port, user: 'jit_admin', password: 'x', database: 'orders' };
    await expect(query(anyone, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await start();
  });

  it('starts over a process id that belongs to somebody else by now', async () => {
    const { folder: root } = await startAndStop();
    const data = (await readdir(root)).find((name) => name.startsWith('data-')) ?? '';
    await writeFile(join(root, data, 'postmaster.pid'), `${process.pid}\n${join(root, data)}\n1\n`);
    const database = await start();
    expect(await query(database.adminUrl.reveal(), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('starts after one that was killed while it made the data', async () => {
    const major = (await findServer({ kinds: [kind], searchPath: '' }))?.major;
    await mkdir(join(folder, 'db', `data-${major}.new`, 'base'), { recursive: true });
    await start();
  });

  it('says which port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(start(port)).rejects.toMatchObject({
      code: 'address_in_use',
      message: expect.stringContaining(String(port)),
    });
    server.close();
  });

  it('finds room for its socket however deep the folder is', async () => {
    const deep = join(folder, 'd'.repeat(90));
    const database = await startSampleDatabase({ folder: deep, kinds: [kind] });
    expect(database?.superuser.socketFolder.startsWith(tmpdir())).toBe(true);
    await database?.stop();
    await expect(stat(database?.superuser.socketFolder ?? '/')).rejects.toThrow(/ENOENT/);
  });

  it.skipIf(process.getuid?.() !== 0)(
    'as root, finds another place for a folder that only root can enter',
    async () => {
      await chmod(folder, 0o700);
      const database = await start();
      expect(database.folder).toMatch(/^\/var\/lib\/jit-sample-/);
      expect(await query(database.adminUrl.reveal(), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
      await database.stop();
      await rm(database.folder, { recursive: true });
    },
  );
}
