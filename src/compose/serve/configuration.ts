import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type PluginKinds, type ReadOptions, readServerConfig } from '../../adapters/config/read-config.ts';
import { CONNECTOR_KINDS } from '../../adapters/connectors/kinds.ts';
import type { World } from '../../cli/world.ts';
import { defaultServerConfig } from '../../core/config/default.ts';
import type { ServerConfig } from '../../core/config.ts';
import type { ServerOptions } from '../../server/compose.ts';
import { readTimeZone } from '../time-zone.ts';

export type Configuration = Pick<ServerOptions, 'config' | 'kinds' | 'channelKinds'>;

/** What `jit.yaml` says, and what the plugins add that it names. */
export async function readConfiguration(
  path: string,
  options: Pick<ReadOptions, 'environment' | 'judge'>,
): Promise<Configuration> {
  let plugged: PluginKinds = { kinds: [], channelKinds: [] };
  const loadKinds = async (names: readonly string[], folder: string): Promise<PluginKinds> => {
    if (names.length === 0) return plugged;
    const { loadPluginKinds } = await import('./plugin-kinds.ts');
    plugged = await loadPluginKinds(names, folder);
    return plugged;
  };
  const config = await readServerConfig(path, { ...options, kinds: CONNECTOR_KINDS, loadKinds });
  return { config, kinds: [...CONNECTOR_KINDS, ...plugged.kinds], channelKinds: plugged.channelKinds };
}

/** Of the server that needs none: its own, on this machine. */
export async function configureEmbedded(world: Pick<World, 'folders'>): Promise<Configuration> {
  const dataFolder = join(world.folders.data, 'server');
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  const config: ServerConfig = defaultServerConfig({ dataFolder, timeZone: readTimeZone() });
  return { config, kinds: CONNECTOR_KINDS };
}
