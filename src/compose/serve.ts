import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createSystemClock } from '../adapters/clock.ts';
import { type PluginKinds, readServerConfig } from '../adapters/config/read-config.ts';
import { CONNECTOR_KINDS } from '../adapters/connectors/kinds.ts';
import { findPackageFolder } from '../adapters/package-folder.ts';
import type { ServeOptions, World } from '../cli/world.ts';
import { defaultServerConfig } from '../core/config/default.ts';
import { describeStore } from '../core/config/store.ts';
import type { ServerConfig } from '../core/config.ts';
import { startServer } from '../server/compose.ts';
import { makePin } from '../server/oauth/development-identity.ts';
import { waitForStop } from './stop-signal.ts';
import { readTimeZone } from './time-zone.ts';

export type ServeParts = ServeOptions & {
  readonly world: World;
  readonly environment: Readonly<Record<string, string | undefined>>;
};

/** `jit server`: runs until it is told to stop. Without a configuration it is the embedded one. */
export async function serve({ world, environment, config: path }: ServeParts): Promise<void> {
  let plugged: PluginKinds = { kinds: [], channelKinds: [] };
  const loadKinds = async (names: readonly string[], folder: string): Promise<PluginKinds> => {
    if (names.length === 0) return plugged;
    const { loadPluginKinds } = await import('./serve/plugin-kinds.ts');
    plugged = await loadPluginKinds(names, folder);
    return plugged;
  };
  const config =
    path === undefined
      ? await configureEmbedded(world)
      : await readServerConfig(path, { environment, kinds: CONNECTOR_KINDS, loadKinds });
  const pin = makePin();
  const server = await startServer({
    config,
    kinds: [...CONNECTOR_KINDS, ...plugged.kinds],
    channelKinds: plugged.channelKinds,
    clock: createSystemClock(),
    pin,
    samplePoliciesFolder: findSamplePolicies(),
    onError: (error) => tellError(world, error),
  });
  // Before anyone is told that it runs: who hears so may stop it at once.
  const stopped = waitForStop(world.interrupt);
  const { tell, paint } = world.terminal;
  tell(`${paint.good('✔')} jit server on ${paint.accent(server.url)}`);
  tell(`  store    ${describeStore(config.store)}`);
  tell(`  users    ${describeUsers(config, paint.strong(pin.reveal()))}`);
  tell(`  log in   jit login ${server.url}`);
  await stopped;
  tell('stopping');
  await server.stop();
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

async function configureEmbedded(world: World): Promise<ServerConfig> {
  const dataFolder = join(world.folders.data, 'server');
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  return defaultServerConfig({ dataFolder, timeZone: readTimeZone() });
}
