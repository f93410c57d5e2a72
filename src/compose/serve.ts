import { join } from 'node:path';
import { createSystemClock } from '../adapters/clock.ts';
import { findPackageFolder } from '../adapters/package-folder.ts';
import { limitYoungMemory } from '../adapters/young-memory.ts';
import type { ServeOptions, World } from '../cli/world.ts';
import { describeStore } from '../core/config/store.ts';
import type { ServerConfig } from '../core/config.ts';
import { type RunningServer, startServer } from '../server/compose.ts';
import { makePin } from '../server/oauth/login/development-identity.ts';
import { configureEmbedded, readConfiguration } from './serve/configuration.ts';
import { openLog, type ServerLog } from './serve/open-log.ts';
import { watchTerminal } from './serve/terminal-gone.ts';
import { waitForStop, watchHangups } from './stop-signal.ts';

export type ServeParts = ServeOptions & {
  readonly world: World;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Called where nobody reads the log: the write that waits for them can be left behind only with the process (S14). */
  readonly onStuck: () => void;
};

/** `jit server`: runs until it is told to stop. Without a configuration it is the embedded one. */
export async function serve(parts: ServeParts): Promise<void> {
  const { world, environment, config: path, log: wanted, onStuck } = parts;
  const clock = createSystemClock();
  const hangups = path === undefined ? undefined : watchHangups(watchTerminal());
  const configuration =
    path === undefined ? await configureEmbedded(world) : await readConfiguration(path, { environment });
  const { config } = configuration;
  const letMemoryGrow = limitYoungMemory();
  const log = await openLog({ world, clock, config: config.operations.log, wanted });
  const pin = makePin();
  const server = await startServer({
    ...configuration,
    clock,
    pin,
    samplePoliciesFolder: findSamplePolicies(),
    log: log.write,
  });
  // Before anyone is told that it runs: who hears so may stop it at once.
  const stopped = waitForStop({ interrupt: world.interrupt, hangups });
  if (path !== undefined) hangups?.onHangup(() => reload({ ...parts, path, server, log }));
  const { tell, paint } = world.terminal;
  log.write({ level: 'info', event: 'server.started', fields: { url: server.url, version: world.version } });
  tell(`${paint.good('✔')} jit server on ${paint.accent(server.url)}`);
  tell(`  store    ${describeStore(config.store)}`);
  tell(`  users    ${describeUsers(config, paint.strong(pin.reveal()))}`);
  tell(`  log in   jit login ${server.url}`);
  const note = server.readQuarantine();
  if (note)
    tell(
      `${paint.warn('!')} restored from a copy of ${note.taken_at}: nothing is given until it is confirmed`,
    );
  await stopped;
  tell('stopping');
  log.write({ level: 'info', event: 'server.stopping' });
  await server.stop();
  log.write({ level: 'info', event: 'server.stopped' });
  letMemoryGrow();
  if ((await log.close()) === 'stuck') onStuck();
}

type Reloading = Omit<ServeParts, 'log'> & {
  readonly path: string;
  readonly server: RunningServer;
  readonly log: ServerLog;
};

/** Reads the configuration again. What is wrong with it is said, and the one before stays in force. */
async function reload({ world, environment, path, server, log }: Reloading): Promise<void> {
  const { tell, paint } = world.terminal;
  try {
    const next = await readConfiguration(path, { environment, judge: server.judge });
    await server.reload(next);
    log.setLevel(next.config.operations.log.level);
    log.write({ level: 'info', event: 'config.reloaded' });
    tell(`${paint.good('✔')} read ${path} again`);
  } catch (error) {
    log.write({ level: 'error', event: 'config.refused', error });
    tell(`${paint.bad('✖')} ${describeError(error)}`);
    tell('  what was read before stays in force');
  }
}

/** A company's people know their own passwords: no PIN is shown where none is asked for. */
function describeUsers({ identity }: ServerConfig, pin: string): string {
  if (identity.company) return `those of ${identity.company.issuer}`;
  return `${identity.devUsers.map((user) => user.name).join(', ')}; PIN ${pin}`;
}

export function findSamplePolicies(): string {
  return join(findPackageFolder(), 'examples', 'policies');
}

/** What is nobody's request's fault, on one line. */
export function tellError(world: World, error: unknown): void {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : JSON.stringify(error);
  world.terminal.tell(`${world.terminal.paint.warn('!')} ${text}`);
}

function describeError(error: unknown): string {
  return error instanceof Error ? error.message : JSON.stringify(error);
}
