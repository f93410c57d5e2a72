import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { isExternal } from '../../scripts/build/external.ts';
import type { CrashOrder, CrashReport } from './crashing-server.ts';
import { type FaultPlace, SAMPLE_POLICIES } from './fault-config.ts';

const ROOT = join(import.meta.dirname, '../..');
const OUTPUT = join(ROOT, 'test-output/crashing-server');

/** A file that Node can run, until it is disposed of. */
export type BuiltProgram = AsyncDisposable & { readonly path: string };

/** Bundles `crashing-server.ts`, because Node itself runs no pages (.tsx). */
export async function buildCrashingServer(): Promise<BuiltProgram> {
  const bundle = await rolldown({
    input: join(import.meta.dirname, 'crashing-server.ts'),
    cwd: ROOT,
    platform: 'node',
    tsconfig: join(ROOT, 'tsconfig.json'),
    external: isExternal,
  });
  const path = join(OUTPUT, `${randomUUID()}.js`);
  await bundle.write({ file: path, format: 'esm', codeSplitting: false });
  await bundle.close();
  return { path, [Symbol.asyncDispose]: () => rm(path) };
}

export type Arming = Omit<Extract<CrashOrder, { kind: 'arm' }>, 'kind'>;

/** A whole approval server in a process of its own, which dies where it is told to. */
export type CrashingServer = AsyncDisposable & {
  /** The fail points it passed since it was armed with none. */
  readonly points: readonly string[];
  /** Resolves when the process is gone. */
  readonly died: Promise<void>;
  /** Resolves when it has recorded the end of a grant. */
  readonly ended: Promise<void>;
  arm(arming: Partial<Arming>): Promise<void>;
  /** `kill -9`. */
  kill(): Promise<void>;
};

export type CrashingServers = AsyncDisposable & {
  start(place: FaultPlace): Promise<CrashingServer>;
};

/** Servers of this program, one after the other; the next process is loading already while the last one is at work. */
export function createCrashingServers(program: BuiltProgram): CrashingServers {
  const spawn = (): ChildProcess =>
    fork(program.path, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [] });
  let spare = spawn();
  return {
    start: (place) => {
      const child = spare;
      spare = spawn();
      return start(child, place);
    },
    [Symbol.asyncDispose]: async () => {
      const gone = once(spare, 'exit');
      spare.kill('SIGKILL');
      await gone;
    },
  };
}

async function start(child: ChildProcess, place: FaultPlace): Promise<CrashingServer> {
  const points: string[] = [];
  const seen = new Map<CrashReport['kind'], PromiseWithResolvers<void>>();
  const wait = (kind: CrashReport['kind']): PromiseWithResolvers<void> => {
    const known = seen.get(kind) ?? Promise.withResolvers<void>();
    seen.set(kind, known);
    return known;
  };
  child.on('message', (message: CrashReport) => {
    if (message.kind === 'passed') points.push(message.point);
    else wait(message.kind).resolve();
  });
  const died = once(child, 'exit').then(() => {});
  const send = async (order: CrashOrder, answer: CrashReport['kind']): Promise<void> => {
    child.send(order);
    await Promise.race([wait(answer).promise, died.then(refuse)]);
  };
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await died;
  };
  await send({ kind: 'start', place, policies: SAMPLE_POLICIES }, 'ready');
  return {
    points,
    died,
    ended: wait('ended').promise,
    arm: (arming) => send({ kind: 'arm', at: null, skewMs: 0, probeFails: false, ...arming }, 'armed'),
    kill,
    [Symbol.asyncDispose]: kill,
  };
}

function refuse(): never {
  throw new Error('the server of the test died before it was ready');
}
