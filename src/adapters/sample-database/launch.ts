import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fail } from '../../core/errors.ts';
import { type Cluster, makeSocketFolder, SERVER_ENVIRONMENT } from './cluster.ts';
import { canConnect } from './superuser.ts';

const LOOK_MS = 20;
const PATIENCE_LOOKS = 1500;
const STOP_MS = 10_000;
const ATTEMPTS = 3;
const PAUSE_MS = 500;

export type Running = {
  readonly socketFolder: string;
  readonly port: number;
  stop(): Promise<void>;
};

export type LaunchOptions = {
  readonly port: number | undefined;
  readonly settings: Readonly<Record<string, string>>;
};

/** Starts the server and waits until it answers. Tries again while helpers of a killed one are still leaving. */
export async function launch(cluster: Cluster, options: LaunchOptions): Promise<Running> {
  const port = await requireFreePort(options.port ?? 0);
  const socketFolder = await makeSocketFolder(cluster);
  for (let attempt = 1; ; attempt += 1) {
    const child = await spawnServer(cluster, { ...options, port, socketFolder });
    if (await becomesReady(child, { socketFolder, port })) {
      return { socketFolder, port, stop: () => stopServer(child, socketFolder) };
    }
    await stopServer(child, attempt < ATTEMPTS ? undefined : socketFolder);
    if (attempt === ATTEMPTS) throw fail('failed', { why: await explain(cluster) });
    await sleep(PAUSE_MS);
  }
}

/** The port, or any free one for 0; throws `address_in_use`. */
async function requireFreePort(wanted: number): Promise<number> {
  const probe = createServer();
  probe.listen(wanted, '127.0.0.1');
  await once(probe, 'listening').catch((cause: unknown) => {
    throw fail('address_in_use', { address: `127.0.0.1:${wanted}` }, cause);
  });
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return typeof address === 'object' && address !== null ? address.port : wanted;
}

async function spawnServer(
  cluster: Cluster,
  options: LaunchOptions & { readonly port: number; readonly socketFolder: string },
): Promise<ChildProcess> {
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(options.port),
    unix_socket_directories: `"${options.socketFolder}"`,
    unix_socket_permissions: '0700',
    shared_buffers: '16MB',
    max_connections: '60',
    password_encryption: 'scram-sha-256',
    ...options.settings,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const log = await open(logFile(cluster), 'w', 0o600);
  try {
    await writeFile(join(cluster.root, 'starter'), String(process.pid));
    // In a group of its own: Ctrl-C in the terminal is for whoever started it, who stops it in order.
    return spawn(join(cluster.server.folder, 'postgres'), ['-D', cluster.data, ...flags], {
      ...cluster.account.ids,
      cwd: cluster.root,
      env: SERVER_ENVIRONMENT,
      stdio: ['ignore', log.fd, log.fd],
      detached: true,
    }).on('error', () => {});
  } finally {
    await log.close();
  }
}

async function becomesReady(
  child: ChildProcess,
  address: { readonly socketFolder: string; readonly port: number },
): Promise<boolean> {
  for (let look = 0; look < PATIENCE_LOOKS && isRunning(child); look += 1) {
    if (await canConnect(address)) return true;
    await sleep(LOOK_MS);
  }
  return false;
}

async function stopServer(child: ChildProcess, socketFolder: string | undefined): Promise<void> {
  if (isRunning(child)) {
    const impatient = setTimeout(() => child.kill('SIGQUIT'), STOP_MS);
    child.kill('SIGINT');
    await once(child, 'exit');
    clearTimeout(impatient);
  }
  if (socketFolder !== undefined) await rm(socketFolder, { recursive: true, force: true });
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

async function explain(cluster: Cluster): Promise<string> {
  const text = await readFile(logFile(cluster), 'utf8').catch(() => '');
  const lines = text.split('\n').filter((line) => line.includes('FATAL') && !line.includes('starting up'));
  return `the sample database did not start: ${lines.at(-1) ?? 'it says nothing'}`;
}

function logFile(cluster: Cluster): string {
  return join(cluster.root, 'postgres.log');
}
