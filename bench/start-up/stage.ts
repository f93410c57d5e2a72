import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findKeyringObstacle, startKeyring } from '../../test/support/keyrings/keyring.ts';
import { confirmCode } from '../../test/support/programs/confirm-code.ts';
import { startJit } from '../../test/support/programs/running-jit.ts';
import { type BenchServer, startBenchServer } from './server.ts';

type Environment = Readonly<Record<string, string>>;

/** The machines that commands are measured on, as the environments of their processes. */
export type Stage = {
  /** Knows no server. */
  readonly stranger: Environment;
  /** Two people with real keychains, logged in to a server on loopback; absent where there is no keychain. */
  readonly holder?: Environment;
  readonly asker?: Environment;
  readonly obstacle?: string;
  stop(): Promise<void>;
};

type Stops = (() => Promise<unknown>)[];

/** Starts what the commands need, as far as this machine has it. `holding` is what gives the holder a grant. */
export async function setStage(holding: readonly string[]): Promise<Stage> {
  const stops: Stops = [];
  const stop = async (): Promise<void> => {
    for (const end of stops.splice(0).toReversed()) await end();
  };
  try {
    const stranger = describeStranger(await makeFolder(stops));
    const obstacle = findKeyringObstacle();
    if (obstacle) return { stranger, obstacle, stop };
    const folder = await makeFolder(stops);
    const server = await startBenchServer(folder, describeStranger(folder));
    stops.push(() => server.stop());
    const holder = await welcome(server, 'dev', stops);
    await runJit(holding, holder);
    return { stranger, holder, asker: await welcome(server, 'eva', stops), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function makeFolder(stops: Stops): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'jit-bench-'));
  stops.push(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

/** Nothing of the person's own that would change the start, NODE_EXTRA_CA_CERTS among it. */
function describeStranger(folder: string): Environment {
  return { PATH: process.env.PATH ?? '', HOME: folder };
}

/** Somebody with a keychain of their own, logged in the way people log in. */
async function welcome(server: BenchServer, user: string, stops: Stops): Promise<Environment> {
  const keyring = await startKeyring();
  stops.push(() => keyring.stop());
  const login = startJit({ args: ['login', server.url, '--no-open'], environment: keyring.environment });
  const [, code = ''] = await login.says(/code\s+([A-Z]{4}-[A-Z]{4})/);
  await confirmCode(server, { code, user });
  const { exitCode, stderr } = await login.ended;
  if (exitCode !== 0) throw new Error(stderr);
  return keyring.environment;
}

async function runJit(args: readonly string[], environment: Environment): Promise<void> {
  const { exitCode, stderr } = await startJit({ args, environment }).ended;
  if (exitCode !== 0) throw new Error(stderr);
}
