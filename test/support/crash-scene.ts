import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServerBackend } from '../../src/adapters/backends/server.ts';
import { createSystemClock } from '../../src/adapters/clock.ts';
import { createHttp } from '../../src/adapters/oauth/http.ts';
import type { ApprovalBackend, Submission } from '../../src/core/ports/backend.ts';
import type { StoredSession } from '../../src/core/ports/session.ts';
import type { Claimed } from '../../src/core/view.ts';
import {
  type Arming,
  type BuiltProgram,
  type CrashingServer,
  type CrashingServers,
  createCrashingServers,
} from './crash-driver.ts';
import type { FaultPlace } from './fault-config.ts';
import { findViolations } from './invariants.ts';
import { logIn } from './jit-server.ts';
import { type LateServer, startLateServer } from './late-server.ts';
import { logIn as logInAtTarget, type TestServer } from './postgres.ts';
import { findQuietPort } from './quiet-port.ts';

/** The grants of these tests are long over by then, whatever was extended. */
const LATE_MS = 24 * 3_600_000;
/** I3: how long a restarted server may take. */
const PATIENCE_MS = 5_000;
const POLL_MS = 20;

/** One path through the server, to be cut at every write. */
export type Scene = {
  /** Does somebody hold a grant before it begins, with a session at the target, which must be over at the end? */
  readonly holds: boolean;
  readonly act: (backend: ApprovalBackend, held: Claimed | null) => Promise<unknown>;
  readonly arming?: Partial<Omit<Arming, 'at'>>;
  /** The path is complete with the answer, or when the end of a grant is on record. */
  readonly until: 'answer' | 'ended';
};

/** A stage where somebody is logged in; every run starts from a copy of its store. */
export type CrashStage = AsyncDisposable & {
  /** Runs the scene to its end; resolves to its fail points, in order. */
  rehearse(scene: Scene): Promise<readonly string[]>;
  /** Kills the server there, starts another past the end of every grant, and says what does not hold then. */
  cutAt(scene: Scene, point: string): Promise<readonly string[]>;
};

export function buildSubmission(changes: Partial<Submission> = {}): Submission {
  return {
    scopes: ['prod:db.read'],
    target: 'orders',
    durationSeconds: 600,
    reason: 'INC-4211 slow checkout',
    ticket: null,
    extendsGrantId: null,
    breakGlass: false,
    idempotencyKey: randomUUID(),
    ...changes,
  };
}

export type CrashStageOptions = {
  readonly program: BuiltProgram;
  /** What `prod:db.read` stands for, in place of a login of the grant's own. */
  readonly account?: string;
  /** Makes the target as it was, before every run. */
  readonly prepare?: () => Promise<unknown>;
};

export async function openCrashStage(
  database: TestServer,
  { program, account, prepare }: CrashStageOptions,
): Promise<CrashStage> {
  const root = await mkdtemp(join(tmpdir(), 'jit-crash-'));
  const base = {
    folder: join(root, 'base'),
    port: await findQuietPort(),
    urls: { orders: database.adminUrl.reveal() },
    ...(account === undefined ? {} : { account }),
  };
  const session = await prepareBase(base);
  const servers = createCrashingServers(program);
  let runs = 0;
  const run = async (scene: Scene, point: string | null): Promise<Outcome> => {
    runs += 1;
    const place = { ...base, folder: join(root, `run-${runs}`) };
    await prepare?.();
    await cp(base.folder, place.folder, { recursive: true });
    const outcome = await perform({ scene, point, place, servers, session });
    const violations = await recover({ database, place, over: outcome.over });
    await rm(place.folder, { recursive: true });
    return { ...outcome, violations: [...outcome.violations, ...violations] };
  };
  return {
    rehearse: async (scene) => {
      const { points, violations } = await run(scene, null);
      if (violations.length > 0) throw new Error(violations.join('\n'));
      return points;
    },
    cutAt: async (scene, point) => (await run(scene, point)).violations,
    [Symbol.asyncDispose]: async () => {
      await servers[Symbol.asyncDispose]();
      await rm(root, { recursive: true, force: true });
    },
  };
}

async function prepareBase(base: FaultPlace): Promise<StoredSession> {
  await using _ = await startLateServer(base, 0);
  const { session } = await logIn(`http://127.0.0.1:${base.port}`, { user: 'dev' });
  return session;
}

type Run = {
  readonly scene: Scene;
  readonly point: string | null;
  readonly place: FaultPlace;
  readonly servers: CrashingServers;
  readonly session: StoredSession;
};

type Outcome = {
  readonly points: readonly string[];
  readonly violations: readonly string[];
  readonly over: readonly Promise<void>[];
};

async function perform({ scene, point, place, servers, session }: Run): Promise<Outcome> {
  await using server = await servers.start(place);
  const backend = openBackend(place, session);
  const held = scene.holds ? (await backend.submit(buildSubmission())).claimed : null;
  const over = held?.credential ? [(await logInAtTarget(held.credential)).closed] : [];
  await server.arm({ ...scene.arming, at: point });
  const acting = scene.act(backend, held);
  const isCut = await Promise.race([finish(scene, acting, server), server.died.then(() => true)]);
  const isAsWanted = isCut === (point !== null) && over.length === (scene.holds ? 1 : 0);
  return { points: server.points, over, violations: isAsWanted ? [] : [`it was not killed ${point}`] };
}

async function finish(scene: Scene, acting: Promise<unknown>, server: CrashingServer): Promise<false> {
  // An answer that is lost is no end: the server is dying.
  const isAnswered = await acting.then(
    () => true,
    () => scene.until === 'ended',
  );
  if (!isAnswered) await server.died;
  if (scene.until === 'ended') await server.ended;
  return false;
}

/** Calls that are never sent a second time: the next server has to do without them. */
function openBackend(place: FaultPlace, session: StoredSession): ApprovalBackend {
  const source = { read: async () => session, renew: async () => session };
  return createServerBackend({
    server: `http://127.0.0.1:${place.port}`,
    http: createHttp(),
    session: source,
    clock: { ...createSystemClock(), sleep: () => new Promise(() => {}) },
  });
}

type Recovery = {
  readonly database: TestServer;
  readonly place: FaultPlace;
  readonly over: readonly Promise<void>[];
};

async function recover({ database, place, over }: Recovery): Promise<readonly string[]> {
  await using server = await startLateServer(place, LATE_MS);
  const startedAt = performance.now();
  let left = await findLeft(database, server);
  while (left.length > 0 && performance.now() - startedAt < PATIENCE_MS) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    left = await findLeft(database, server);
  }
  const closed = Promise.all(over).then(() => []);
  const late = new Promise<readonly string[]>((resolve) =>
    setTimeout(() => resolve(['I1: a session is still open']), PATIENCE_MS).unref(),
  );
  const { store, connectors, now } = server;
  return [
    ...left,
    ...(left.length > 0 ? [] : await Promise.race([closed, late])),
    ...(await findViolations({ store, connectors, now: now() })),
  ];
}

/** What should be gone by now: roles of this installation, logins to accounts it has had, and grants that have not ended. */
async function findLeft(database: TestServer, { store }: LateServer): Promise<readonly string[]> {
  const installation = await store.readSetting('installation', async () => 'none');
  const roles = await database.sql(
    `SELECT rolname FROM pg_roles WHERE starts_with(rolname::text, 'jit_${installation}_')`,
  );
  const open = await database.sql(
    `SELECT r.rolname FROM pg_roles r JOIN pg_shdescription d ON d.objoid = r.oid
      WHERE r.rolcanlogin AND d.description LIKE '%[jit ${installation} %'`,
  );
  const grants = await store.listGrants({ states: ['provisioning', 'active', 'revoking'], limit: 99 });
  return [
    ...roles.map(({ rolname }) => `I1: the role ${rolname} is still there`),
    ...open.map(({ rolname }) => `I1: ${rolname} can still log in`),
    ...grants.map((grant) => `I3: ${grant.id} is still ${grant.state}: ${grant.revocation.lastError}`),
  ];
}
