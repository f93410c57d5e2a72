import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSystemClock } from '../../src/adapters/clock.ts';
import { createAuthorization } from '../../src/adapters/oauth/authorization.ts';
import { createHttp } from '../../src/adapters/oauth/http.ts';
import { openSqliteStore } from '../../src/adapters/store/sqlite/open.ts';
import { RESERVE_BYTES } from '../../src/adapters/store/sqlite/reserve.ts';
import type { ApprovalBackend, Submission } from '../../src/core/ports/backend.ts';
import type { Claimed } from '../../src/core/view.ts';
import { buildSubmission } from '../support/crash/scene.ts';
import { logIn as logInAtTarget } from '../support/databases/postgres.ts';
import { findViolations } from '../support/faults/invariants.ts';
import { canMountDisk, mountSmallDisk, type SmallDisk } from '../support/faults/small-disk.ts';
import { logIn, type Someone } from '../support/programs/log-in.ts';
import { type Stage, startStage } from '../support/programs/stage.ts';
import { until } from '../support/until.ts';

const isPossible = canMountDisk();
const PATIENCE_MS = 20_000;
const API = { scopes: ['prod:api.read'] };
const FULL = { code: 'store_full', status: 503, exitCode: 8 };

let disk: SmallDisk;
let stage: Stage;
let dev: Someone;

beforeAll(async () => {
  if (!isPossible) return;
  disk = await mountSmallDisk(96);
  stage = await startStage({ withDatabase: true, store: `sqlite:${join(disk.folder, 'jit.db')}` });
  dev = await logIn(stage.url, { user: 'dev', pin: stage.pin });
});

afterAll(async () => {
  if (!isPossible) return;
  await stage[Symbol.asyncDispose]();
  await disk[Symbol.asyncDispose]();
});

async function isReserveLaid(): Promise<boolean> {
  const found = await stat(join(disk.folder, 'jit.db.reserve')).catch(() => undefined);
  return found?.size === RESERVE_BYTES;
}

async function claim(backend: ApprovalBackend, what: Partial<Submission>): Promise<Claimed> {
  const { claimed } = await backend.submit(buildSubmission(what));
  if (!claimed) throw new Error('nothing was granted');
  return claimed;
}

/** Every call is remembered by its proof, whatever it asks for. */
async function callUntilFull(backend: ApprovalBackend): Promise<void> {
  await until('the disk is full', () => backend.readStatus().then(readFull), PATIENCE_MS);
}

async function readReadiness(): Promise<{ readonly status: number; readonly full?: boolean }> {
  const answer = await fetch(`${stage.url}/readyz`);
  return { status: answer.status, ...((await answer.json()) as object) };
}

async function readFull(): Promise<boolean> {
  return (await readReadiness()).full === true;
}

describe.skipIf(!isPossible)('a real server on SQLite whose disk is full', () => {
  it('I1–I4: refuses what is new and goes on revoking, over a restart too, until there is room again', async ({
    skip,
  }) => {
    const { database } = stage;
    if (!database) return skip();
    const { backend } = dev;
    await until('room is set aside', isReserveLaid, PATIENCE_MS);
    const held = await claim(backend, {});
    const api = await claim(backend, { ...API, target: 'orders-api' });
    if (!held.credential) throw new Error('no credential was delivered');
    const session = await logInAtTarget(held.credential);
    const short = await claim(backend, { ...API, target: 'billing-api', durationSeconds: 4 });

    await disk.fill();
    await callUntilFull(backend);
    await disk.fill();
    // A busy machine may look at the store for longer than a balancer waits.
    await until('ready', async () => (await readReadiness()).status === 200, PATIENCE_MS);
    expect(await readReadiness()).toMatchObject({ full: true });
    await expect(backend.submit(buildSubmission({ scopes: ['prod:db.write'] }))).rejects.toMatchObject(FULL);
    await expect(backend.claim(held.grant.requestId)).rejects.toMatchObject(FULL);

    expect(await backend.revoke(held.grant.id, 'done')).toMatchObject({
      state: 'ended',
      revocation: { confirmed: true, sessionsEnded: 1 },
    });
    await session.closed;
    expect(await database.sql(String.raw`SELECT FROM pg_roles WHERE rolname LIKE 'jit\_%\_%'`)).toEqual([]);
    const lookForEnd = async () => {
      const grant = await backend.readGrant(short.grant.id);
      return grant.state === 'ended' && grant;
    };
    expect((await until('over', lookForEnd, PATIENCE_MS)).endedBecause).toBe('expired');

    await stage.stopServer('SIGKILL');
    await stage.startServer();
    expect(await backend.readGrant(held.grant.id)).toMatchObject({ state: 'ended', endedBecause: 'done' });
    await expect(backend.submit(buildSubmission({ scopes: ['prod:db.write'] }))).rejects.toMatchObject(FULL);
    expect(await backend.revoke(api.grant.id, 'done')).toMatchObject({ state: 'ended' });
    const again = createAuthorization({
      server: stage.url,
      clock: createSystemClock(),
      http: createHttp(),
      clientId: 'jit-cli',
    });
    expect((await again.refresh(dev.session)).accessToken.reveal()).not.toBe(
      dev.session.accessToken.reveal(),
    );

    await disk.empty();
    await until('it has room', async () => !(await readFull()), PATIENCE_MS);
    expect(await isReserveLaid()).toBe(true);
    const late = await claim(backend, {});
    expect(await backend.revoke(late.grant.id, 'done')).toMatchObject({ state: 'ended' });

    await stage.stopServer();
    const { store, close } = await openSqliteStore({ path: join(disk.folder, 'jit.db') });
    expect(await findViolations({ store, now: Date.now() })).toEqual([]);
    const kinds = (await store.listEvents({ limit: 1_000 })).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind.startsWith('store.'))).toEqual([
      'store.full',
      'store.full',
      'store.has_room',
    ]);
    await close();
  }, 90_000);
});
