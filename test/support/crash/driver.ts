import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { isExternal } from '../../../scripts/build/external.ts';
import { type FaultPlace, SAMPLE_POLICIES } from '../faults/config.ts';
import type { Arming, CrashNews, CrashOrder, CrashReport } from './messages.ts';

const ROOT = join(import.meta.dirname, '../../..');
const OUTPUT = join(ROOT, 'test-output/crashing-server');

export type { Arming } from './messages.ts';

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

/** A whole approval server, which stops for good where it is told to. */
export type CrashingServer = {
  /** The fail points it passed since it was armed with none. */
  readonly points: readonly string[];
  /** Resolves when it stands still at its fail point. */
  readonly frozen: Promise<void>;
  /** Resolves when this event is on record. */
  recorded(event: string): Promise<void>;
  arm(arming: Partial<Arming>): Promise<void>;
};

/** A process with approval servers in it, which live and die together. */
export type CrashingProcess = AsyncDisposable & {
  openServer(place: FaultPlace, arming?: Partial<Arming>): Promise<CrashingServer>;
  /** `kill -9`. */
  kill(): Promise<void>;
};

export function startCrashingProcess(
  program: BuiltProgram,
  environment: Readonly<Record<string, string>> = {},
): CrashingProcess {
  const child = fork(program.path, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
    env: { ...process.env, ...environment },
  });
  child.setMaxListeners(0);
  const died = once(child, 'exit');
  let rooms = 0;
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await died;
  };
  return {
    openServer: (place, arming) => {
      rooms += 1;
      return openServer({ child, room: rooms, died }, place, arming && complete(arming));
    },
    kill,
    [Symbol.asyncDispose]: kill,
  };
}

type Room = { readonly child: ChildProcess; readonly room: number; readonly died: Promise<unknown> };

async function openServer(
  { child, room, died }: Room,
  place: FaultPlace,
  arming: Arming | undefined,
): Promise<CrashingServer> {
  const points: string[] = [];
  const signals = createSignals();
  const counts = new Map<string, number>();
  child.on('message', (report: CrashReport) => {
    if (report.room !== room) return;
    if (report.news.kind === 'passed') points.push(report.news.point);
    else signals.of(describe(report.news, counts)).resolve();
  });
  const send = async (order: CrashOrder, answer: CrashNews['kind']): Promise<void> => {
    child.send(order);
    const failed = signals.of('failed').promise.then(refuse);
    await Promise.race([signals.of(answer).promise, failed, died.then(refuse)]);
  };
  const opening: CrashOrder = {
    kind: 'open',
    room,
    place,
    policies: SAMPLE_POLICIES,
    arming: arming ?? null,
  };
  const frozen = signals.of('frozen').promise;
  // One that stops while it starts is never ready.
  await Promise.race([send(opening, 'ready'), frozen]);
  return {
    points,
    frozen,
    recorded: (event) => signals.of(`recorded ${event}`).promise,
    arm: (next) => send({ kind: 'arm', room, arming: complete(next) }, 'armed'),
  };
}

function createSignals() {
  const known = new Map<string, PromiseWithResolvers<void>>();
  return {
    of: (name: string): PromiseWithResolvers<void> => {
      const signal = known.get(name) ?? Promise.withResolvers<void>();
      known.set(name, signal);
      return signal;
    },
  };
}

/** The second time, an event has another name. */
function describe(news: CrashNews, counts: Map<string, number>): string {
  if (news.kind !== 'recorded') return news.kind;
  const count = (counts.get(news.event) ?? 0) + 1;
  counts.set(news.event, count);
  return `recorded ${news.event}${count === 1 ? '' : `, time ${count}`}`;
}

function complete(arming: Partial<Arming>): Arming {
  return { at: null, skewMs: 0, probeFails: false, ...arming };
}

function refuse(): never {
  throw new Error('the server did not start');
}
