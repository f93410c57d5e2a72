import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createServerBackend } from '../../src/adapters/backends/server.ts';
import { createSystemClock } from '../../src/adapters/clock.ts';
import { createAuthorization } from '../../src/adapters/oauth/authorization.ts';
import { createHttp } from '../../src/adapters/oauth/http.ts';
import type { OpenStore } from '../../src/adapters/store/opened.ts';
import { openPostgresStore } from '../../src/adapters/store/postgres/open.ts';
import type { PostgresAddress } from '../../src/adapters/store/postgres/pool.ts';
import { openSqliteStore } from '../../src/adapters/store/sqlite/open.ts';
import type { Submission } from '../../src/core/ports/backend.ts';
import type { Secret } from '../../src/core/secret.ts';
import type { Claimed } from '../../src/core/view.ts';
import { buildSubmission } from '../support/crash/scene.ts';
import { buildStoreUrl, startTestStores, type TestStores } from '../support/databases/postgres-stores.ts';
import { canSetClock, type HostClock, openHostClock } from '../support/faults/host-clock.ts';
import { findViolations } from '../support/faults/invariants.ts';
import { logIn, type Someone } from '../support/programs/log-in.ts';
import { type Stage, startStage } from '../support/programs/stage.ts';
import { until } from '../support/until.ts';
import { basic } from '../support/verifying/service-calls.ts';

const isPossible = canSetClock();
const TWO_HOURS_SECONDS = 7_200;
const LATE_MS = 5_000;
const PATIENCE_MS = 20_000;
const SHORT_SECONDS = 4;
const REFUSED = { code: 'server_clock_wrong', status: 503, exitCode: 8 };

let stores: TestStores | undefined;

beforeAll(async () => {
  if (isPossible) stores = await startTestStores('system');
});

afterAll(() => stores?.stop());

/** A server whose host's clock can be set, with somebody who holds one thing for long and one for seconds. */
type Scene = AsyncDisposable & {
  readonly clock: HostClock;
  readonly stage: Stage;
  readonly dev: Someone;
  readonly long: Claimed;
  readonly short: Claimed;
  /** What breaks I1 to I4 by the true time, once the server is stopped. */
  readonly findBroken: () => Promise<readonly string[]>;
};

async function openScene(address: PostgresAddress | undefined): Promise<Scene> {
  const clock = await openHostClock();
  const { environment } = clock;
  const stage = await startStage({ environment, ...(address ? { store: buildStoreUrl(address) } : {}) });
  const dev = await logIn(stage.url, { user: 'dev', pin: stage.pin });
  const open = (): Promise<OpenStore> =>
    address ? openPostgresStore({ address }) : openSqliteStore({ path: join(stage.folder, 'jit.db') });
  return {
    clock,
    stage,
    dev,
    long: await hold(dev, { target: 'orders-api' }),
    short: await hold(dev, { target: 'billing-api', durationSeconds: SHORT_SECONDS }),
    findBroken: async () => {
      await stage.stopServer();
      const { store, close } = await open();
      const broken = await findViolations({ store, now: Date.now() });
      await close();
      return broken;
    },
    [Symbol.asyncDispose]: async () => {
      await stage[Symbol.asyncDispose]();
      await clock[Symbol.asyncDispose]();
    },
  };
}

async function hold({ backend }: Someone, what: Partial<Submission>): Promise<Claimed> {
  const { claimed } = await backend.submit(buildSubmission({ scopes: ['prod:api.read'], ...what }));
  if (!claimed) throw new Error('nothing was granted');
  return claimed;
}

/** Asks for what nobody holds yet. */
function askNew({ backend }: Someone): Promise<unknown> {
  return backend.submit(buildSubmission({ scopes: ['prod:db.read'], target: 'orders-api' }));
}

async function isActive({ url, apiSecret }: Stage, token: Secret): Promise<boolean> {
  const answer = await fetch(`${url}/oauth/introspect`, {
    method: 'POST',
    body: new URLSearchParams({ token: token.reveal() }),
    headers: { authorization: basic('orders-api', apiSecret) },
  });
  return ((await answer.json()) as { readonly active: boolean }).active;
}

/** Ready all the same: what ends must reach it. */
async function isClockWrong({ url }: Stage): Promise<boolean> {
  const answer = await fetch(`${url}/readyz`);
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { readonly clock_wrong?: boolean }).clock_wrong ?? false;
}

/** Beside the server: nobody is logged in any more who could ask it. */
function readState({ folder }: Stage, { grant }: Claimed): unknown {
  const file = new DatabaseSync(join(folder, 'jit.db'), { readOnly: true, timeout: 1_000 });
  try {
    return file.prepare('select state from grants where id = ?').get(grant.id)?.state;
  } finally {
    file.close();
  }
}

/** How long after the end of the short one, by the true time, its token still worked. */
async function waitForEnd({ stage, dev, short }: Scene): Promise<number> {
  await until('over', async () => !(await isActive(stage, short.token)), PATIENCE_MS);
  const overAt = Date.now();
  const lookForEnd = async () => {
    const grant = await dev.backend.readGrant(short.grant.id);
    return grant.state === 'ended' && grant;
  };
  const ended = await until('ended', lookForEnd, PATIENCE_MS);
  expect(ended).toMatchObject({ endedBecause: 'expired', revocation: { confirmed: true } });
  return overAt - short.grant.expiresAt;
}

/** A token that was renewed now works; an answer of the first second after the clock was set still tells the time before. */
async function expectRenewable({ stage, dev, long }: Scene): Promise<void> {
  const server = stage.url;
  const [clock, http] = [createSystemClock(), createHttp()];
  const renew = () => createAuthorization({ server, clock, http, clientId: 'jit-cli' }).refresh(dev.session);
  const session = await until('renewed', () => renew().catch(() => false as const), PATIENCE_MS);
  const source = { read: async () => session, renew: () => Promise.reject(new Error('renewed twice')) };
  const backend = createServerBackend({ server, http, session: source, clock });
  expect(await backend.readGrant(long.grant.id)).toMatchObject({ id: long.grant.id });
}

/** Grants end when they should, by the true time; nothing new is given before the clock is right again. */
async function expectNothingMoved(scene: Scene, sign: number): Promise<void> {
  const { clock, stage, dev, long } = scene;
  await clock.set(sign * TWO_HOURS_SECONDS);
  await until('it says so', () => isClockWrong(stage), PATIENCE_MS);
  await expect(askNew(dev)).rejects.toMatchObject(REFUSED);
  expect(await waitForEnd(scene)).toBeLessThan(LATE_MS);
  expect(await isActive(stage, long.token)).toBe(true);
  // By a host's clock that is ahead, every session has been idle for too long.
  if (sign < 0) await expectRenewable(scene);
  expect(await dev.backend.revoke(long.grant.id, 'done')).toMatchObject({
    state: 'ended',
    endedBecause: 'done',
  });
  expect(await isActive(stage, long.token)).toBe(false);
  await clock.set(0);
  await until('ready', async () => !(await isClockWrong(stage)), PATIENCE_MS);
  await expectRenewable(scene);
  expect(await askNew(dev)).toMatchObject({ request: { state: 'claimed' } });
  expect(await scene.findBroken()).toEqual([]);
}

describe.skipIf(!isPossible)('the clock of the server’s host, set by two hours while grants live', () => {
  it.for([1, -1])(
    'S10, I3: on PostgreSQL (%i) moves nothing: the time is the database’s',
    { timeout: 60_000 },
    async (sign, { skip }) => {
      if (!stores) return skip();
      await using scene = await openScene(await stores.makeDatabase());
      await expectNothingMoved(scene, sign);
    },
  );

  it('S10, I3: on SQLite, back, gives nobody more time: the clock counts on', async () => {
    await using scene = await openScene(undefined);
    await expectNothingMoved(scene, -1);
  });

  it('S10: on SQLite, forward, ends early and is followed; set right again, it gives nothing new before a restart', async () => {
    await using scene = await openScene(undefined);
    const { clock, stage, dev, long } = scene;
    await clock.set(TWO_HOURS_SECONDS);
    await until('ended', async () => readState(stage, long) === 'ended', PATIENCE_MS);
    expect(await isActive(stage, long.token)).toBe(false);
    await expect(dev.backend.readGrant(long.grant.id)).rejects.toMatchObject({
      code: 'session_expired',
      exitCode: 4,
    });
    await clock.set(0);
    await until('it says so', () => isClockWrong(stage), PATIENCE_MS);
    await stage.stopServer();
    await stage.startServer();
    expect(await dev.backend.readGrant(long.grant.id)).toMatchObject({
      state: 'ended',
      endedBecause: 'expired',
    });
    expect(await askNew(dev)).toMatchObject({ request: { state: 'claimed' } });
    expect(await scene.findBroken()).toEqual([]);
  });
});
