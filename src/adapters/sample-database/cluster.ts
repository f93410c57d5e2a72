import { execFile } from 'node:child_process';
import { chown, mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fail } from '../../core/errors.ts';
import type { Account } from './account.ts';
import { SOCKET_PREFIX } from './postmaster.ts';
import type { ServerFiles } from './server-files.ts';

/** A socket's whole path has to fit into 103 bytes on macOS. */
const LONGEST_SOCKET_FOLDER = 80;
const run = promisify(execFile);

/** The environment of every program of the server: nothing is inherited. */
export const SERVER_ENVIRONMENT = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' };

export type Cluster = {
  readonly server: ServerFiles;
  readonly account: Account;
  readonly root: string;
  readonly data: string;
};

/** Makes the data folder unless there is one. It gets its name only when it is whole. */
export async function makeCluster(cluster: Cluster): Promise<void> {
  if (!(await exists(join(cluster.data, 'PG_VERSION')))) await initialise(cluster);
  await writeFile(join(cluster.data, 'pg_hba.conf'), ACCESS);
  await writeFile(join(cluster.data, 'pg_ident.conf'), `jit "${cluster.account.starter}" postgres\n`);
}

// The superuser comes in through the socket only, and only as the very user who started the server.
const ACCESS = `local all postgres peer map=jit
host all postgres all reject
host all all 127.0.0.1/32 scram-sha-256
`;

async function initialise(cluster: Cluster): Promise<void> {
  const unfinished = `${cluster.data}.new`;
  await rm(unfinished, { recursive: true, force: true });
  await makePrivate(unfinished, cluster.account);
  const flags = ['--encoding=UTF8', '--no-locale', '--no-instructions', '--no-sync'];
  const access = ['-U', 'postgres', '--auth-local=peer', '--auth-host=scram-sha-256'];
  await run(join(cluster.server.folder, 'initdb'), ['-D', unfinished, ...access, ...flags], {
    ...cluster.account.ids,
    cwd: unfinished,
    env: SERVER_ENVIRONMENT,
  }).catch((cause: Error) => {
    throw fail('failed', { why: 'the sample database could not be made: initdb failed' }, cause);
  });
  await rename(unfinished, cluster.data);
}

/** A folder that nobody but the server's account can enter; beside the data where the path is short enough. */
export async function makeSocketFolder(cluster: Cluster): Promise<string> {
  const wanted = join(cluster.root, 'socket');
  if (Buffer.byteLength(wanted) <= LONGEST_SOCKET_FOLDER) {
    await makePrivate(wanted, cluster.account);
    return wanted;
  }
  const made = await mkdtemp(SOCKET_PREFIX);
  if (cluster.account.ids) await chown(made, cluster.account.ids.uid, cluster.account.ids.gid);
  return made;
}

async function makePrivate(folder: string, account: Account): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (account.ids) await chown(folder, account.ids.uid, account.ids.gid);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
