import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PROGRAMS = ['dbus-daemon', 'gnome-keyring-daemon', 'gdbus'] as const;
const SECRETS = 'org.freedesktop.secrets';
const DEFAULT_COLLECTION = '/org/freedesktop/secrets/aliases/default';

/** A private desktop session for child processes: `environment` is all that they get. */
export type Keyring = {
  readonly environment: Readonly<Record<string, string>>;
  /** What somebody who closes the keyring on the desktop does. */
  lock(): Promise<void>;
  stop(): Promise<void>;
};

/** Why no real keyring can be started here; undefined when it can. `JIT_TEST_NO_SKIP=1` makes a reason a failure. */
export function findKeyringObstacle(): string | undefined {
  const missing = PROGRAMS.filter((name) => findProgram(name) === undefined);
  if (missing.length === 0) return undefined;
  const reason = `no ${missing.join(', ')} here (Debian: dbus, gnome-keyring, libglib2.0-bin)`;
  if (process.env.JIT_TEST_NO_SKIP === '1')
    throw new Error(`the keyring tests must not be skipped: ${reason}`);
  return reason;
}

/** A D-Bus session with an unlocked gnome-keyring in a home folder of its own. */
export async function startKeyring(): Promise<Keyring> {
  const session = await startSession();
  try {
    await startDaemon(session);
  } catch (error) {
    await session.stop();
    throw error;
  }
  const lock = async () => {
    const method = 'org.freedesktop.Secret.Service.Lock';
    await callSecrets(session.environment, [method, `['${DEFAULT_COLLECTION}']`]);
  };
  return { environment: session.environment, lock, stop: session.stop };
}

/** A keyring that is locked from the start. */
export async function startLockedKeyring(): Promise<Keyring> {
  const keyring = await startKeyring();
  await keyring.lock();
  return keyring;
}

/** A D-Bus session in which nobody keeps secrets. */
export async function startSessionWithoutKeyring(): Promise<Omit<Keyring, 'lock'>> {
  const { environment, stop } = await startSession();
  return { environment, stop };
}

/** A bus that accepts every connection and never says a word. */
export async function startHangingBus(): Promise<Omit<Keyring, 'lock'>> {
  const home = await makeHome();
  const path = join(home, 'bus');
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).resume();
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const stop = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
    await rm(home, { recursive: true, force: true });
  };
  return { environment: { ...describeHome(home), DBUS_SESSION_BUS_ADDRESS: `unix:path=${path}` }, stop };
}

type Session = {
  readonly home: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly children: ChildProcess[];
  stop(): Promise<void>;
};

async function startSession(): Promise<Session> {
  const home = await makeHome();
  const config = join(home, 'bus.conf');
  await writeFile(config, busConfig(join(home, 'bus')));
  const bus = spawn(
    'dbus-daemon',
    ['--nofork', '--nopidfile', '--print-address=1', `--config-file=${config}`],
    {
      env: describeHome(home),
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  const children: ChildProcess[] = [bus];
  const stop = async () => {
    await Promise.all(children.toReversed().map(end));
    await rm(home, { recursive: true, force: true });
  };
  const address = await firstLine(bus);
  return { home, environment: { ...describeHome(home), DBUS_SESSION_BUS_ADDRESS: address }, children, stop };
}

async function startDaemon(session: Session): Promise<void> {
  const daemon = spawn('gnome-keyring-daemon', ['--unlock', '--foreground', '--components=secrets'], {
    env: { ...session.environment },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  session.children.push(daemon);
  daemon.stdin.end('passphrase of the test keyring');
  await run('gdbus', ['wait', '--session', '--timeout', '20', SECRETS], { env: { ...session.environment } });
}

async function callSecrets(
  environment: Readonly<Record<string, string>>,
  call: readonly string[],
): Promise<void> {
  const where = ['--session', '--dest', SECRETS, '--object-path', '/org/freedesktop/secrets'];
  await run('gdbus', ['call', ...where, '--method', ...call], { env: { ...environment } });
}

async function makeHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'jit-keyring-'));
  for (const folder of ['data', 'config', 'cache', 'run']) await mkdir(join(home, folder), { mode: 0o700 });
  return home;
}

function describeHome(home: string): Readonly<Record<string, string>> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: home,
    XDG_DATA_HOME: join(home, 'data'),
    XDG_CONFIG_HOME: join(home, 'config'),
    XDG_CACHE_HOME: join(home, 'cache'),
    XDG_RUNTIME_DIR: join(home, 'run'),
  };
}

/** No service folders: nothing of the machine's own desktop is ever started by a call. */
function busConfig(socket: string): string {
  return `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=${socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`;
}

function findProgram(name: string): string | undefined {
  return (process.env.PATH ?? '')
    .split(':')
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`dbus-daemon ended with ${code}`)));
    child.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}
