import { chmod, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Secret } from '../../core/secret.ts';
import { findAccount, findRoot } from './account.ts';
import { type Cluster, makeCluster } from './cluster.ts';
import { fill } from './contents.ts';
import { launch, type Running } from './launch.ts';
import { stopOrphan } from './postmaster.ts';
import { findServer, placeServer, type ServerKind } from './server-files.ts';
import type { SocketAddress } from './superuser.ts';

export type SampleDatabaseOptions = {
  /** Kept between starts. */
  readonly folder: string;
  /** On loopback; any free one when it is not given. */
  readonly port?: number | undefined;
  /** One line of progress at a time. */
  readonly log?: ((line: string) => void) | undefined;
  /** Which servers to try; both by default, the embedded one first. */
  readonly kinds?: readonly ServerKind[] | undefined;
  /** The caller's PATH, where a `postgres` may be. */
  readonly searchPath?: string | undefined;
  /** Server settings on top. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
};

export type SampleDatabase = {
  /** `jit_admin`: no superuser, CREATEROLE, ADMIN on orders_reader and orders_writer. Its password is new at each start. */
  readonly adminUrl: Secret;
  readonly kind: ServerKind;
  readonly major: number;
  readonly port: number;
  /** Where the data really is: elsewhere than asked for when root runs this in a folder that only root can enter. */
  readonly folder: string;
  /** The superuser's way in, for the user who started it. */
  readonly superuser: SocketAddress;
  stop(): Promise<void>;
};

/**
 * A PostgreSQL of our own on loopback with a database `orders` to play with; undefined where no server is
 * installed. Throws `store_in_use` when it runs already, `address_in_use` for a taken port, `failed` with the reason.
 */
export async function startSampleDatabase(
  options: SampleDatabaseOptions,
): Promise<SampleDatabase | undefined> {
  const kinds = options.kinds ?? ['embedded', 'system'];
  const found = await findServer({ kinds, searchPath: options.searchPath ?? '' });
  if (!found) return undefined;
  options.log?.(`PostgreSQL ${found.major} (${found.kind})`);
  const cluster = await prepare(options.folder, found);
  const running = await launch(cluster, { port: options.port, settings: options.settings ?? {} });
  return describe(cluster, running);
}

/** Removes the data of one that is stopped, wherever it really is; `folder` as it was started with, its parent still there. */
export async function removeSampleDatabase(folder: string): Promise<void> {
  const root = await findRoot(folder, await findAccount());
  await rm(root, { recursive: true, force: true, maxRetries: 3 });
}

async function prepare(folder: string, found: Cluster['server']): Promise<Cluster> {
  const account = await findAccount();
  await mkdir(folder, { recursive: true });
  const root = await findRoot(folder, account);
  await mkdir(root, { recursive: true });
  await chmod(root, account.ids ? 0o711 : 0o700);
  const data = join(root, `data-${found.major}`);
  await stopOrphan(data, join(root, 'starter'));
  const server = await placeServer(found, { account, root });
  const cluster = { server, account, root, data };
  await makeCluster(cluster);
  return cluster;
}

async function describe(cluster: Cluster, running: Running): Promise<SampleDatabase> {
  try {
    const password = await fill(running);
    return {
      adminUrl: new Secret(`postgres://jit_admin:${password.reveal()}@127.0.0.1:${running.port}/orders`),
      kind: cluster.server.kind,
      major: cluster.server.major,
      port: running.port,
      folder: cluster.root,
      superuser: { socketFolder: running.socketFolder, port: running.port },
      stop: running.stop,
    };
  } catch (error) {
    await running.stop();
    throw error;
  }
}
