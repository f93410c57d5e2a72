import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createSystemClock } from '../../adapters/clock.ts';
import { findPackageFolder } from '../../adapters/package-folder.ts';
import { Secret } from '../../core/secret.ts';
import { tellError } from '../serve.ts';
import { readTimeZone } from '../time-zone.ts';
import { tellDatabase } from './database-chapter.ts';
import { tellLogin } from './login-chapter.ts';
import type { QuickstartParts } from './parts.ts';
import { tellLogout, tellPeople } from './people-chapter.ts';
import { createProgram } from './program.ts';
import { tellService } from './service-chapter.ts';
import { findFreePort, type Stage, setStage } from './stage.ts';
import type { QueryClient, Story } from './story.ts';

const PASSPHRASE_BYTES = 24;

/** Tells the whole story by itself in a folder that is gone afterwards. 0 when every step held, else 1. */
export async function runUnattended(parts: QuickstartParts): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'jit-quickstart-'));
  const { terminal } = parts.world;
  let stage: Stage | undefined;
  try {
    stage = await setUp(parts, folder);
    await tell(await buildStory(parts, stage, folder));
    terminal.tell(`${terminal.paint.good('✔')} the whole story held`);
    return 0;
  } catch (error) {
    tellError(parts.world, error);
    return 1;
  } finally {
    await stage?.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
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

async function buildStory(
  { world, environment, jitPath }: QuickstartParts,
  stage: Stage,
  folder: string,
): Promise<Story> {
  const jit = createProgram({
    jitPath,
    passphrase: new Secret(randomBytes(PASSPHRASE_BYTES).toString('base64url')),
    environment: {
      ...environment,
      JIT_CONFIG_DIR: join(folder, 'config'),
      JIT_STATE_DIR: join(folder, 'state'),
      NO_COLOR: '1',
    },
  });
  return { world, stage, jit, query: await findQueryClient(world) };
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
