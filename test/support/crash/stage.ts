import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestServer } from '../databases/postgres.ts';
import type { FaultPlace } from '../faults/config.ts';
import { findSpilled } from '../faults/spilled-secrets.ts';
import { logIn } from '../programs/log-in.ts';
import { findQuietPort } from '../quiet-port.ts';
import { openCast, type Sessions } from './cast.ts';
import { type BuiltProgram, type CrashingProcess, startCrashingProcess } from './driver.ts';
import { findFastFolder } from './fast-folder.ts';
import { startLateServer } from './late-server.ts';
import { findLeftovers, findNewFiles, RESERVE } from './leftovers.ts';
import { type Performed, perform } from './performance.ts';
import { recover } from './recovery.ts';
import { CAST, type Scene } from './scene.ts';
import { prepareStores, type StoreOf } from './stores.ts';

/** Servers that are looked at at the same time. */
const AT_ONCE = 4;

/** A scene, and where it is cut; null: it is played to its end. */
export type Cut = { readonly name: string; readonly scene: Scene; readonly point: string | null };

/** What came of it: the fail points that were passed, and what did not hold in the end. */
export type Outcome = {
  readonly cut: Cut;
  readonly points: readonly string[];
  readonly violations: readonly string[];
  /** It came to its end without the fail point. */
  readonly isMissed: boolean;
};

/** A stage where the cast is logged in; every run starts from a copy of its store. */
export type CrashStage = AsyncDisposable & {
  /** Plays them in one process, kills it where each stands still, starts a server for each, and looks. */
  play(cuts: readonly Cut[]): Promise<readonly Outcome[]>;
  /** I6: what is left of all of them, as sentences. */
  findLeft(): Promise<readonly string[]>;
};

export type CrashStageOptions = {
  readonly program: BuiltProgram;
  /** Of its databases, where there are some. */
  readonly name: string;
  readonly store: StoreOf;
  /** Left out, the target is a service that understands tokens. */
  readonly target?: TestServer;
  /** Makes what `prod:db.read` stands for at the target, in place of a login of the grant's own: one for each run. */
  readonly makeAccount?: (run: string) => Promise<string>;
};

export async function openCrashStage(options: CrashStageOptions): Promise<CrashStage> {
  const { program, target, makeAccount } = options;
  const root = await mkdtemp(join(findFastFolder(), 'jit-crash-'));
  const stores = await prepareStores(options.store, options.name);
  const base: FaultPlace = {
    folder: join(root, 'base'),
    port: await findQuietPort(),
    urls: { orders: target?.adminUrl.reveal() ?? '' },
    ...(target ? {} : { kind: 'token' }),
    ...(makeAccount ? { account: await makeAccount('base') } : {}),
    ...(stores.url === undefined ? {} : { store: stores.url }),
  };
  const [runsFolder, temporary] = [join(root, 'runs'), join(root, 'tmp')];
  await Promise.all([base.folder, runsFolder, temporary].map((folder) => mkdir(folder)));
  const sessions = await prepareBase(base);
  let runs = 0;
  const copy = async (): Promise<FaultPlace> => {
    runs += 1;
    const name = `run_${runs}`;
    const place = await stores.copy(base, { folder: join(runsFolder, name), name });
    const account = makeAccount ? { account: await makeAccount(name) } : {};
    return { ...place, ...account, listenPort: await findQuietPort() };
  };
  const finish = async (performed: Performed): Promise<Outcome> => {
    const { place, watched, cut, points, isMissed } = performed;
    const violations = await recover({ ...performed, ...watched, target });
    const files = await findNewFiles(place.folder, base.folder);
    // It is there for its size alone, and would be read for nothing.
    await rm(join(place.folder, RESERVE), { force: true });
    const spilled = await findSpilled(watched.listSecrets(), whereIs(place, options.store));
    await stores.remove(place);
    return {
      cut,
      points,
      isMissed,
      violations: [...performed.violations, ...violations, ...files, ...spilled],
    };
  };
  const playIn = async (process: CrashingProcess, cut: Cut): Promise<Performed> => {
    const place = await copy();
    return await perform({ process, place, cut, watched: openCast(place, sessions) });
  };
  return {
    play: async (cuts) => {
      const process = startCrashingProcess(program, { TMPDIR: temporary });
      try {
        const performed = await Promise.all(cuts.map((cut) => playIn(process, cut)));
        await process.kill();
        for (const { watched } of performed) watched.giveUp();
        return await mapFew(performed, finish);
      } finally {
        await process.kill();
      }
    },
    findLeft: () =>
      findLeftovers({
        empty: [runsFolder, temporary],
        program: program.path,
        servers: [
          ...(target ? [target] : []),
          ...(options.store === 'sqlite' ? [] : [options.store.postgres]),
        ],
      }),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}

/** A few at a time: they share one thread. */
async function mapFew<T, U>(items: readonly T[], action: (item: T) => Promise<U>): Promise<readonly U[]> {
  const waiting = [...items];
  const results: U[] = [];
  const work = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift())
      results.push(await action(item));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return results;
}

async function prepareBase(base: FaultPlace): Promise<Sessions> {
  await using _ = await startLateServer(base, 0);
  const url = `http://127.0.0.1:${base.port}`;
  const [dev, lead, onCall] = await Promise.all([
    logIn(url, { user: CAST.dev }),
    logIn(url, { user: CAST.lead }),
    logIn(url, { user: CAST.onCall }),
  ]);
  return { dev: dev.session, lead: lead.session, onCall: onCall.session };
}

function whereIs({ folder, store }: FaultPlace, of: StoreOf) {
  if (of === 'sqlite' || store === undefined) return { folders: [folder] };
  const name = new URL(store).pathname.slice(1);
  return { folders: [folder], databases: [{ server: of.postgres, name }] };
}
