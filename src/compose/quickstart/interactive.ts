import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSystemClock } from '../../adapters/clock.ts';
import type { World } from '../../cli/world.ts';
import { DEFAULT_PORT } from '../../core/config/default.ts';
import { INTERRUPTED } from '../../core/exit-codes.ts';
import { tellError } from '../serve.ts';
import { waitForStop } from '../stop-signal.ts';
import { readTimeZone } from '../time-zone.ts';
import { explain } from './explain.ts';
import type { QuickstartParts } from './parts.ts';
import { findFreePort, setStage } from './stage.ts';

const PROFILE = 'quickstart';

type Ports = { readonly server: number; readonly database: number };

/** Everything on this machine until Ctrl-C. Data, ports and profile are kept for next time. */
export async function runInteractive({ world, environment }: QuickstartParts): Promise<number> {
  const folder = join(world.folders.data, 'quickstart');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const ports = await keepPorts(folder);
  const { tell, paint } = world.terminal;
  // What is half started is stopped in order too.
  const hold = world.interrupt.hold();
  const stage = await setStage({
    folder,
    port: ports.server,
    databasePort: ports.database,
    clock: createSystemClock(),
    timeZone: readTimeZone(),
    searchPath: environment.PATH,
    log: (line) => tell(`  ${paint.dim(line)}`),
    onError: (error) => tellError(world, error),
  });
  try {
    const profile = await keepProfile(world, stage.server.url);
    if (world.interrupt.signal.aborted) return INTERRUPTED;
    const stopped = waitForStop({ interrupt: world.interrupt });
    hold.release();
    explain(world, { stage, profile, folder });
    await stopped;
    tell('stopping');
  } finally {
    await stage.stop();
  }
  return 0;
}

/** The ports of last time where they are free; what a person typed yesterday should work today. */
async function keepPorts(folder: string): Promise<Ports> {
  const path = join(folder, 'ports.json');
  const known = await readFile(path, 'utf8').then(readPorts, () => undefined);
  const ports = {
    server: await findFreePort(known?.server ?? DEFAULT_PORT),
    database: await findFreePort(known?.database ?? 0),
  };
  await writeFile(path, `${JSON.stringify(ports)}\n`);
  return ports;
}

function readPorts(text: string): Ports | undefined {
  try {
    const { server, database } = JSON.parse(text) as Record<string, unknown>;
    return typeof server === 'number' && typeof database === 'number' ? { server, database } : undefined;
  } catch {
    return undefined;
  }
}

/** Returns what to add to each command: nothing where the quickstart is the only server this machine knows. */
async function keepProfile(world: World, server: string): Promise<string> {
  const config = await world.readConfig();
  const defaultProfile = config.defaultProfile ?? PROFILE;
  const known = config.profiles[PROFILE];
  if (known?.server !== server || config.defaultProfile !== defaultProfile) {
    const profiles = { ...config.profiles, [PROFILE]: { ...known, server } };
    await world.writeConfig({ ...config, defaultProfile, profiles });
  }
  return defaultProfile === PROFILE ? '' : ` --profile ${PROFILE}`;
}
