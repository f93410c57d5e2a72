import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import mysql from 'mysql2/promise';
import { findAccount } from '../../../src/adapters/sample-database/account.ts';
import type { Credential } from '../../../src/core/credential.ts';
import { Secret } from '../../../src/core/secret.ts';
import { ROOT } from '../programs/running-jit.ts';
import { findFreePort } from '../programs/stage.ts';
import { hasTool } from '../tools.ts';
import { until } from '../until.ts';

const run = promisify(execFile);
const SEARCH_PATH = `${process.env.PATH}:/usr/local/sbin:/usr/sbin:/sbin`;
const PATIENCE_MS = 30_000;

export type TestRow = Readonly<Record<string, unknown>>;

/** A private MariaDB on loopback with a database `orders` and the roles `orders_reader` and `orders_writer`. */
export type TestMariaDb = {
  readonly port: number;
  readonly folder: string;
  /** `jit_admin`: what docs/targets/mysql.md says that an administrator needs, and nothing else. */
  readonly adminUrl: Secret;
  /** The certificate of its own authority, where it was asked for. */
  readonly rootFile: string;
  /** Runs one statement as root. */
  sql(statement: string): Promise<readonly TestRow[]>;
  /** Runs one statement as root on a connection that stays; resolves with what ends it. */
  hold(statement: string): Promise<() => Promise<void>>;
  /** Everything that clients sent, as the server's own log has it. */
  readLog(): Promise<string>;
  stop(): Promise<void>;
};

/** Starts one in a temporary folder; undefined, and a line that says so, where none is installed. */
export async function startTestMariaDb(
  options: { readonly withTls?: boolean } = {},
): Promise<TestMariaDb | undefined> {
  if (!hasTool(['env', `PATH=${SEARCH_PATH}`, 'mariadbd', '--version'], 'a MariaDB server')) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'jit-test-mariadb-'));
  const { ids } = await findAccount();
  await chmod(folder, 0o711);
  await mkdir(join(folder, 'data'), { mode: 0o700 });
  const passwords = { root: makePassword(), admin: makePassword() };
  await writeFile(join(folder, 'init.sql'), await buildContents(passwords), { mode: 0o600 });
  const tls = options.withTls ? await makeCertificate(folder) : [];
  for (const name of ['.', 'data', 'init.sql', ...(options.withTls ? ['key.pem'] : [])])
    if (ids) await chown(join(folder, name), ids.uid, ids.gid);
  const env = { PATH: SEARCH_PATH, LC_ALL: 'C' };
  await run('mariadb-install-db', buildInstallArgs(folder), { env, cwd: folder, ...ids });
  const port = await findFreePort();
  const args = [...buildServerArgs(folder, port), ...tls];
  const server = spawn('mariadbd', args, { env, cwd: folder, stdio: 'ignore', ...ids });
  const root = { socketPath: join(folder, 'socket'), user: 'root', password: passwords.root };
  const started: TestMariaDb = {
    port,
    folder,
    adminUrl: new Secret(`mysql://jit_admin:${passwords.admin}@127.0.0.1:${port}/orders`),
    rootFile: join(folder, 'cert.pem'),
    sql: (statement) => query(root, statement),
    hold: async (statement) => {
      const connection = await mysql.createConnection(root);
      await connection.query(statement);
      return () => connection.end();
    },
    readLog: () => readFile(join(folder, 'general.log'), 'utf8'),
    stop: () => stop(server, folder),
  };
  try {
    await until('a MariaDB that answers', () => isThere(started, server), PATIENCE_MS);
    return started;
  } catch (error) {
    const log = await readFile(join(folder, 'error.log'), 'utf8').catch(() => '');
    await started.stop();
    throw new Error(log, { cause: error });
  }
}

async function isThere(started: TestMariaDb, server: ChildProcess): Promise<boolean> {
  if (server.exitCode !== null) throw new Error(`mariadbd ended with ${server.exitCode}`);
  // The last of its contents: a file of statements that fails in the middle is only a line in a log.
  return started.sql('SHOW GRANTS FOR orders_writer').then(
    () => true,
    () => false,
  );
}

async function stop(server: ChildProcess, folder: string): Promise<void> {
  if (server.exitCode === null && server.signalCode === null) {
    const ended = once(server, 'exit');
    server.kill('SIGTERM');
    await ended;
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

function buildInstallArgs(folder: string): readonly string[] {
  return [
    '--no-defaults',
    `--datadir=${join(folder, 'data')}`,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
    '--skip-name-resolve',
  ];
}

function buildServerArgs(folder: string, port: number): readonly string[] {
  return [
    '--no-defaults',
    `--datadir=${join(folder, 'data')}`,
    `--tmpdir=${folder}`,
    `--socket=${join(folder, 'socket')}`,
    `--pid-file=${join(folder, 'pid')}`,
    `--log-error=${join(folder, 'error.log')}`,
    `--general-log-file=${join(folder, 'general.log')}`,
    '--general-log',
    `--init-file=${join(folder, 'init.sql')}`,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    '--skip-name-resolve',
    '--event-scheduler=ON',
    '--innodb-flush-log-at-trx-commit=0',
    '--innodb-buffer-pool-size=16M',
  ];
}

/** One statement a line, as an init file wants it; the administrator as the documentation says. */
async function buildContents(passwords: { readonly root: string; readonly admin: string }): Promise<string> {
  const statements = [
    "DELETE FROM mysql.global_priv WHERE User IN ('root', '') AND Host <> 'localhost'",
    'FLUSH PRIVILEGES',
    `ALTER USER 'root'@'localhost' IDENTIFIED BY '${passwords.root}'`,
    'CREATE DATABASE orders',
    'CREATE TABLE orders.orders (id int PRIMARY KEY AUTO_INCREMENT, total int)',
    'INSERT INTO orders.orders (total) SELECT seq FROM orders.seq_1_to_400',
    ...(await readDocumented()).map((statement) => statement.replace("'…'", `'${passwords.admin}'`)),
    "CREATE ROLE orders_writer WITH ADMIN 'jit_admin'@'%'",
    'GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, CREATE VIEW, EVENT ON orders.* TO orders_writer',
  ];
  return statements.map((statement) => `${statement};\n`).join('');
}

/** What the documentation has an administrator of MariaDB run: its first block of SQL. */
async function readDocumented(): Promise<readonly string[]> {
  const text = await readFile(join(ROOT, 'docs/targets/mysql.md'), 'utf8');
  const [, block = ''] = /```sql\n(.*?)```/s.exec(text) ?? [];
  return block
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

async function makeCertificate(folder: string): Promise<readonly string[]> {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc', '-days', '1'];
  await run('openssl', ['req', ...kind, ...names, '-keyout', key, '-out', cert]);
  return [`--ssl-cert=${cert}`, `--ssl-key=${key}`];
}

function makePassword(): string {
  return randomBytes(18).toString('base64url');
}

async function query(options: mysql.ConnectionOptions, statement: string): Promise<readonly TestRow[]> {
  const connection = await mysql.createConnection(options);
  try {
    return await ask(connection, statement);
  } finally {
    await connection.end();
  }
}

async function ask(connection: mysql.Connection, statement: string): Promise<readonly TestRow[]> {
  const [rows] = await connection.query<mysql.RowDataPacket[]>(statement);
  return Array.isArray(rows) ? rows.map((row) => ({ ...row })) : [];
}

/** A session as an engineer has one. `closed` settles when either side ended it. */
export type MariaDbSession = {
  readonly closed: Promise<void>;
  sql(statement: string): Promise<readonly TestRow[]>;
  close(): Promise<void>;
};

/** Logs in with what `issue` returned; rejects when the server refuses. */
export async function logIn(credential: Credential): Promise<MariaDbSession> {
  const { MYSQL_HOST, MYSQL_TCP_PORT, MYSQL_USER, MYSQL_DATABASE } = credential.environment;
  const socket = connect(Number(MYSQL_TCP_PORT), MYSQL_HOST);
  const closed = once(socket, 'close').then(() => {});
  const connection = await mysql.createConnection({
    stream: () => socket,
    user: MYSQL_USER ?? '',
    database: MYSQL_DATABASE ?? '',
    password: credential.secretFiles[0]?.instead.value.reveal() ?? '',
  });
  connection.on('error', () => {});
  return {
    closed,
    sql: (statement) => ask(connection, statement),
    close: () => connection.end(),
  };
}
