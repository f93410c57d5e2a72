import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createSystemClock } from '../../adapters/clock.ts';
import { findPackageFolder } from '../../adapters/package-folder.ts';
import { removeSampleDatabase } from '../../adapters/sample-database/start.ts';
import { INTERRUPTED } from '../../core/exit-codes.ts';
import { Secret } from '../../core/secret.ts';
import { tellError } from '../serve.ts';
import { readTimeZone } from '../time-zone.ts';
import { tellDatabase } from './database-chapter.ts';
import { tellLogin } from './login-chapter.ts';
import type { QuickstartParts } from './parts.ts';
import { tellLogout, tellPeople } from './people-chapter.ts';
import { createProgram, type Program } from './program.ts';
import { tellService } from './service-chapter.ts';
import { findDatabaseFolder, findFreePort, type Stage, setStage } from './stage.ts';
import type { QueryClient, Story } from './story.ts';

const PASSPHRASE_BYTES = 24;

/** Tells the whole story by itself in a folder that is gone afterwards. 0 when every step held, 130 when interrupted, else 1. */
export async function runUnattended(parts: QuickstartParts): Promise<number> {
  const { world } = parts;
  const { signal } = world.interrupt;
  const hold = world.interrupt.hold();
  const folder = await mkdtemp(join(tmpdir(), 'jit-quickstart-'));
  let stage: Stage | undefined;
  let jit: Program | undefined;
  try {
    stage = await setUp(parts, folder);
    jit = openProgram(parts, folder);
    const story = { world, stage, jit, query: await findQueryClient(world) };
    await untilInterrupted(signal, () => tell(story));
    world.terminal.tell(`${world.terminal.paint.good('✔')} the whole story held`);
    return 0;
  } catch (error) {
    if (!signal.aborted) tellError(world, error);
    else world.terminal.tell('interrupted: stopping everything');
    return signal.aborted ? INTERRUPTED : 1;
  } finally {
    await jit?.end();
    await stage?.stop();
    await removeSampleDatabase(findDatabaseFolder(folder));
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    hold.release();
  }
}

/** Rejects when a signal comes, whatever is still waited for; nothing is begun after one. */
async function untilInterrupted(signal: AbortSignal, action: () => Promise<void>): Promise<void> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  const acting = action();
  // The loser of the race fails later, as what it uses is ended.
  acting.catch(() => undefined);
  await Promise.race([acting, promise]);
}

async function setUp({ world, environment }: QuickstartParts, folder: string): Promise<Stage> {
  const stage = await setStage({
    folder,
    port: await findFreePort(),
    clock: createSystemClock(),
    timeZone: readTimeZone(),
    searchPath: environment.PATH,
    log: (line) => world.terminal.tell(`  ${line}`),
    onError: (error) => tellError(world, error),
  });
  world.terminal.tell(`${world.terminal.paint.good('✔')} the approval server is on ${stage.server.url}`);
  return stage;
}

function openProgram({ environment, jitPath }: QuickstartParts, folder: string): Program {
  return createProgram({
    jitPath,
    passphrase: new Secret(randomBytes(PASSPHRASE_BYTES).toString('base64url')),
    environment: {
      ...environment,
      JIT_CONFIG_DIR: join(folder, 'config'),
      JIT_STATE_DIR: join(folder, 'state'),
      NO_COLOR: '1',
    },
  });
}

async function tell(story: Story): Promise<void> {
  await tellLogin(story);
  if (story.stage.database) {
    await tellDatabase(story);
    await tellPeople(story);
  } else {
    story.world.terminal.tell('! no PostgreSQL was found: the database part of the story is left out');
  }
  await tellService(story);
  await tellLogout(story);
}

async function findQueryClient(world: QuickstartParts['world']): Promise<QueryClient> {
  const hasPsql = await promisify(execFile)('psql', ['--version']).then(
    () => true,
    () => false,
  );
  if (hasPsql) return { name: 'psql', command: (sql) => ['psql', '-X', '-A', '-t', '-c', sql] };
  world.terminal.tell('! psql was not found: examples/query.js stands in for it');
  const program = join(findPackageFolder(), 'examples', 'query.js');
  return { name: 'examples/query.js', command: (sql) => [process.execPath, program, sql] };
}
