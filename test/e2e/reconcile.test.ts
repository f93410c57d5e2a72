import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Outcome, startJit } from '../support/programs/running-jit.ts';
import { type Stage, startStage } from '../support/programs/stage.ts';
import { until } from '../support/until.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await startStage({ withDatabase: true });
});
afterAll(() => stage[Symbol.asyncDispose]());

function reconcile(...flags: readonly string[]): Promise<Outcome> {
  return runServer('reconcile', ...flags);
}

function runServer(command: string, ...flags: readonly string[]): Promise<Outcome> {
  const environment = {
    PATH: process.env.PATH ?? '',
    HOME: stage.folder,
    NO_COLOR: '1',
    ORDERS_API_SECRET: stage.apiSecret,
    ORDERS_ADMIN_URL: stage.database?.adminUrl.reveal() ?? '',
  };
  const args = ['server', command, ...flags, '--config', join(stage.folder, 'jit.yaml')];
  return startJit({ args, environment }).ended;
}

async function listRoles(): Promise<readonly unknown[]> {
  const rows = await stage.database?.sql("select rolname from pg_roles where rolname ~ '^jit_[a-z0-9]+_01'");
  return (rows ?? []).map(({ rolname }) => rolname);
}

describe('jit server reconcile', () => {
  it('S4, I1: shows what nobody holds, removes it when it is told to, and leaves alone what is held', async ({
    skip,
  }) => {
    if (!stage.database) return skip();
    await using desk = await stage.openDesk();
    const ask = ['request', 'prod:db.read', '--on', 'orders', '--for', '30m', '--reason', 'INC-4211 slow'];
    const first = await desk.readJson(ask);
    const [ended] = await listRoles();
    await desk.run(['done']);
    await until('the role is gone', async () => (await listRoles()).length === 0);
    await desk.run(ask);
    const held = await listRoles();
    await stage.stopServer();
    await stage.database.sql(`create role "${ended}" login`);
    await stage.database.sql(`grant "${ended}" to jit_admin with admin option`);

    const shown = await reconcile();
    expect(shown).toMatchObject({ exitCode: 7 });
    expect(shown.stdout).toContain(
      `${ended} at orders, made for ${first.document.grant?.id}: nobody holds it`,
    );
    expect(shown.stdout).toContain('nothing was changed, --apply removes them');
    expect(await listRoles()).toHaveLength(2);

    const applied = await reconcile('--apply', '--json');
    expect(JSON.parse(applied.stdout)).toMatchObject({
      applied: true,
      live: { orders: 2 },
      strays: [{ target: 'orders', handle: ended, removed: true }],
      missing: [],
      failures: [],
    });
    expect(applied.exitCode).toBe(0);
    expect(await listRoles()).toEqual(held);
    expect(await reconcile('--dry-run')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('nothing is live that nobody holds'),
    });
  });

  it('is done by the server that has the store, where one runs; and so is what it signs with', async () => {
    await stage.startServer();
    expect(await reconcile('--json')).toMatchObject({ exitCode: 0, stderr: '' });
    const keys = async (...args: readonly string[]) =>
      JSON.parse((await runServer('keys', ...args, '--json')).stdout);
    const { made } = await keys('rotate', 'signing');
    const listed = await keys('list');
    expect(made).toMatchObject([{ use: 'signing', state: 'next' }]);
    expect(listed.keys).toContainEqual(made[0]);
    expect(await runServer('restore', '--confirm')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('this store is not in quarantine'),
    });
  });
});
