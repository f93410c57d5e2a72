import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { openPostgresStore } from '../../../src/adapters/store/postgres/open.ts';
import { defaultServerConfig } from '../../../src/core/config/default.ts';
import type { StoreLocation } from '../../../src/core/config.ts';
import { confirmRestore } from '../../../src/server/compose/confirm-restore.ts';
import { quarantineStore } from '../../../src/server/compose/quarantine-once.ts';
import { reconcileOnce } from '../../../src/server/compose/reconcile-once.ts';
import { backUpStore, restoreStore } from '../../../src/server/compose/store-keeping.ts';
import {
  type Folder,
  KEEPING_SECRET,
  keep,
  makeFolder,
  onPostgres,
  onSqlite,
} from '../../support/databases/kept-store.ts';
import { startTestStores, type TestStores } from '../../support/databases/postgres-stores.ts';
import { type JitServer, startJitServer } from '../../support/programs/jit-server.ts';
import { until } from '../../support/until.ts';

const stores = await startTestStores('system');

afterAll(() => stores?.stop());

const ORDER = {
  scopes: ['prod:db.read'],
  target: 'orders',
  durationSeconds: 600,
  reason: 'INC-4211 the checkout is slow',
  ticket: null,
  extendsGrantId: null,
  breakGlass: false,
};
const BY = { by: 'operator:root' };
/** What runs by itself begins at once, and looks every second. */
const WATCHED_MS = 3_000;

type Scene = { readonly stores: TestStores; readonly store: StoreLocation };

/** With the scopes and the target of a real database. */
function configure({ stores, store }: Scene) {
  const { scopes, targets } = defaultServerConfig({
    dataFolder: '/nowhere',
    timeZone: 'UTC',
    ordersUrl: stores.server.adminUrl,
  });
  return { scopes, targets, store, secret: KEEPING_SECRET };
}

function keepScene(scene: Scene) {
  const options = keep(scene.store);
  return { ...options, config: { ...options.config, ...configure(scene) } };
}

async function listRoles({ server }: TestStores): Promise<readonly string[]> {
  const rows = await server.sql(
    "select rolname from pg_roles where rolname like 'jit\\_%' and rolcanlogin",
    'orders',
  );
  return rows.map(({ rolname }) => String(rolname)).filter((name) => name !== 'jit_admin');
}

async function grant(server: JitServer, user: string) {
  const { backend } = await server.logIn(user);
  const { claimed } = await backend.submit({ ...ORDER, idempotencyKey: randomUUID() });
  if (!claimed) throw new Error('nothing was given');
  return { backend, id: claimed.grant.id };
}

/** An old copy: of what it knows as live one ended afterwards, and of what is live it does not know another. */
async function restoreOldCopy(folder: Folder, stores: TestStores) {
  const old = { stores, store: onSqlite(folder.in('old.db')) };
  const path = folder.in('old.backup');
  await using server = await startJitServer({ config: configure(old) });
  const ended = await grant(server, 'dev');
  const kept = await grant(server, 'on-call');
  await backUpStore(keepScene(old), { path, version: '1.2.3' });
  await ended.backend.revoke(ended.id, 'done');
  await until('ended', async () => (await ended.backend.readGrant(ended.id)).state === 'ended');
  const before = await listRoles(stores);
  await grant(server, 'dba-lead');
  const strays = (await listRoles(stores)).filter((name) => !before.includes(name));
  const scene = { stores, store: onPostgres(await stores.makeBareDatabase()) };
  await restoreStore(keepScene(scene), { ...BY, path });
  return { scene, ended: ended.id, kept: kept.id, strays };
}

describe('a store that was brought back from an old copy', () => {
  it('is in quarantine: nothing is given and nothing goes until the difference was confirmed, and then all that should', async ({
    skip,
  }) => {
    if (!stores) return skip();
    await using folder = await makeFolder();
    const { scene, ended, kept, strays } = await restoreOldCopy(folder, stores);
    const roles = await listRoles(stores);
    expect(strays).toHaveLength(1);

    await using server = await startJitServer({ config: configure(scene) });
    const { backend } = await server.logIn('dev');
    const submit = () => backend.submit({ ...ORDER, durationSeconds: 300, idempotencyKey: randomUUID() });
    await expect(submit()).rejects.toMatchObject({ code: 'in_quarantine' });
    expect((await backend.readStatus()).grants.map(({ id }) => id)).toContain(ended);
    const readiness = await fetch(`${server.url}/readyz`);
    expect([readiness.status, await readiness.json()]).toEqual([
      200,
      { ready: true, failing: [], quarantine: true },
    ]);

    const shown = await reconcileOnce({ ...keepScene(scene), apply: false });
    expect(shown.strays.map(({ handle }) => handle)).toEqual(strays);
    expect(shown.missing.map(({ grantId }) => grantId)).toEqual([ended]);
    await expect(reconcileOnce({ ...keepScene(scene), apply: true })).rejects.toMatchObject({
      code: 'in_quarantine',
    });
    const onCall = await server.logIn('on-call');
    const revoked = onCall.backend.revoke(kept, 'revoked');

    const watchedUntil = performance.now() + WATCHED_MS;
    await until('watched', async () => {
      expect(await listRoles(stores)).toEqual(roles);
      return performance.now() > watchedUntil;
    });

    expect((await onCall.backend.readGrant(kept)).state).toBe('revoking');
    const report = await confirmRestore({ ...keepScene(scene), ...BY });
    expect(report.differences).toEqual({ strays: 1, missing: 1, unseen: 0 });
    await until('nothing live', async () => (await listRoles(stores)).length === 0, 20_000);
    expect((await revoked).state).toBe('ended');
    await until('given again', () => submit().catch(() => undefined), 10_000);
    await expect(confirmRestore({ ...keepScene(scene), ...BY })).rejects.toThrow(/not in quarantine/);
    expect(server.errors).toEqual([]);
  });

  it('is put in quarantine by hand where it was brought back by other means; a server that runs notices', async ({
    skip,
  }) => {
    if (!stores) return skip();
    const scene = { stores, store: onPostgres(await stores.makeBareDatabase()) };
    await using server = await startJitServer({ config: configure(scene) });
    const { backend } = await server.logIn('dev');
    const report = await quarantineStore(keepScene(scene), BY);
    expect(Math.abs(Date.now() - Date.parse(report.takenAt))).toBeLessThan(60_000);
    expect(await quarantineStore(keepScene(scene), { by: 'operator:second' })).toEqual(report);
    const submit = () => backend.submit({ ...ORDER, idempotencyKey: randomUUID() });
    const isRefused = () =>
      submit().catch(({ code }: { readonly code?: string }) => code === 'in_quarantine');
    await until('refused', async () => (await isRefused()) === true);
    expect((await confirmRestore({ ...keepScene(scene), ...BY })).takenAt).toBe(report.takenAt);
  });

  it('is in quarantine as well where servers went on running meanwhile: they notice, and touch nothing', async ({
    skip,
  }) => {
    if (!stores) return skip();
    await using folder = await makeFolder();
    const path = folder.in('jit.backup');
    const address = await stores.makeBareDatabase();
    const scene = { stores, store: onPostgres(address) };
    await using server = await startJitServer({ config: configure(scene) });
    const known = await grant(server, 'dev');
    await backUpStore(keepScene(scene), { path, version: '1.2.3' });
    await grant(server, 'on-call');
    const roles = await listRoles(stores);
    await stores.server.sql(`drop database ${address.database} with (force)`, 'postgres');
    await stores.server.sql(`create database ${address.database} owner jit_admin`, 'postgres');
    await restoreStore(keepScene(scene), { ...BY, path });
    await stores.server.sql('update grants set expires_at = claimed_at + 1000', address.database);
    await stores.server.sql('update work set due_at = 0', address.database);

    const watchedUntil = performance.now() + WATCHED_MS;
    await until('watched', async () => {
      expect(await listRoles(stores)).toEqual(roles);
      return performance.now() > watchedUntil;
    });
    const readiness = await fetch(`${server.url}/readyz`);
    expect(await readiness.json()).toEqual({ ready: true, failing: [], quarantine: true });
    expect((await reconcileOnce({ ...keepScene(scene), apply: false })).strays).toHaveLength(1);
    await confirmRestore({ ...keepScene(scene), ...BY });
    const own = roles.filter((name) => name.endsWith(known.id.slice('gr_'.length)));
    // It may have been taken before the restore was noticed: then it is leased for 30 s.
    await until('ended', async () => !(await listRoles(stores)).includes(own[0] ?? ''), 45_000);
  });

  it('forgets what has expired of logins meanwhile: no access is taken from anybody by that', async ({
    skip,
  }) => {
    if (!stores) return skip();
    const address = await stores.makeBareDatabase();
    const scene = { stores, store: onPostgres(address) };
    await (await startJitServer({ config: configure(scene) }))[Symbol.asyncDispose]();
    await quarantineStore(keepScene(scene), BY);
    const { protocol, close } = await openPostgresStore({ address });
    await protocol.put({ kind: 'Session', id: 'old', payload: {}, expiresAt: 1 });
    await using server = await startJitServer({ config: configure(scene) });
    await until('forgotten', async () => (await protocol.find('Session', 'old')) === undefined);
    expect(await (await fetch(`${server.url}/readyz`)).json()).toMatchObject({ quarantine: true });
    await close();
  });
});
