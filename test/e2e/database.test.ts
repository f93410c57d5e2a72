import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildQuery } from '../support/processes/query.ts';
import type { Desk } from '../support/programs/desk.ts';
import type { RunningJit } from '../support/programs/running-jit.ts';
import { type Stage, startStage } from '../support/programs/stage.ts';

const ASK = [
  'request',
  'prod:db.read',
  '--on',
  'orders',
  '--for',
  '30m',
  '--reason',
  'INC-4211 slow checkout',
];
const COUNT = buildQuery('select count(*) from orders');

const stage: Stage = await startStage({ withDatabase: true });
let desk: Desk;

beforeAll(async () => {
  desk = await stage.openDesk();
});
afterAll(async () => {
  await desk[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});
afterEach(async () => {
  await desk.run(['done']);
});

/** A query that stays, once the database itself has seen it. */
async function holdOpen(): Promise<RunningJit> {
  const held = desk.start(['exec', '--', ...buildQuery("select 'held', pg_sleep(60)")]);
  const ended = held.ended.then(({ stderr }) => {
    throw new Error(`it ended before it was seen:\n${stderr}`);
  });
  for (;;) {
    await Promise.race([ended, pause(20)]);
    const rows = await stage.database?.sql("select 1 from pg_stat_activity where wait_event = 'PgSleep'");
    if (rows?.length === 1) return held;
  }
}

/** The roles of live grants. */
async function listRoles(): Promise<readonly unknown[]> {
  const mine = "rolname like 'jit!_%' escape '!' and rolname <> 'jit_admin'";
  return (await stage.database?.sql(`select rolname from pg_roles where ${mine}`)) ?? [];
}

describe.skipIf(!stage.database)('a database, from asking to giving back', () => {
  it('is read with psql, and nothing more than read', async () => {
    const asked = await desk.run(ASK);
    expect(asked.stderr).toMatch(
      /^✔ approved by rule reads-are-automatic · orders · prod:db\.read · until .* \(30 min\)\n$/,
    );
    expect(await desk.run(['exec', '--', ...COUNT])).toMatchObject({ exitCode: 0, stdout: '400\n' });
    const refused = await desk.run(['exec', '--', ...buildQuery('delete from orders')]);
    expect(refused.stderr).toContain('permission denied');
    expect(refused.exitCode).not.toBe(0);
  });

  it('is given back: the role dropped, the open session ended, the login refused', async () => {
    await desk.run(ASK);
    const login = readLogin(
      await desk.run(['exec', '--', 'sh', '-c', 'env; cat "$PGPASSFILE"']).then((o) => o.stdout),
    );
    expect((await queryAs(login)).stdout).toBe('400\n');
    const held = await holdOpen();
    expect(await listRoles()).toHaveLength(1);
    const { stderr, exitCode } = await desk.run(['done']);
    expect(stderr).toContain(
      '✔ token revoked ✔ role dropped, 1 session ended ✔ removed from the keychain · orders · prod:db.read\n',
    );
    expect(exitCode).toBe(0);
    expect((await held.ended).exitCode).not.toBe(0);
    expect((await queryAs(login)).stderr).toMatch(/authentication failed|does not exist/);
    expect(await listRoles()).toEqual([]);
  });

  it('S9: is reached by what jit gives, whatever was inherited', async () => {
    await desk.run(ASK);
    const environment = {
      PGPASSWORD: 'wrong',
      PGSERVICE: 'nowhere',
      PGSERVICEFILE: '/nowhere',
      PGHOSTADDR: '192.0.2.1',
      PGUSER: 'nobody',
      PGOPTIONS: '-c search_path=nowhere',
      PGSSLMODE: 'verify-full',
      DATABASE_URL: 'postgres://nobody@192.0.2.1/nowhere',
    };
    const { stdout } = await desk.run(['exec', '--', 'env'], { environment });
    for (const [name, value] of Object.entries(environment)) expect(stdout).not.toContain(`${name}=${value}`);
    expect(stdout).toMatch(/^PGPASSFILE=\/proc\/\d+\/fd\/\d+$/m);
    expect(stdout).not.toMatch(/^JIT_TOKEN=/m);
    expect(await desk.run(['exec', '--', ...COUNT], { environment })).toMatchObject({
      exitCode: 0,
      stdout: '400\n',
    });
  });

  it('leaves the files of a grant to no other process once jit exec is gone', async () => {
    await desk.run(ASK);
    const { stdout } = await desk.run(['exec', '--', 'sh', '-c', 'echo $PGPASSFILE']);
    const read = await new Promise((resolve) =>
      execFile('cat', [stdout.trim()], (error) => resolve(error?.code)),
    );
    expect(read).toBe(1);
  });

  it('I3: ends by itself within 5 s of its time: session, role and the copy here', async () => {
    const { document } = await desk.readJson(ASK.with(5, '6s'));
    const held = await holdOpen();
    expect(await listRoles()).toHaveLength(1);
    expect((await held.ended).exitCode).not.toBe(0);
    const look = async (): Promise<object> => ({
      grants: (await desk.readJson(['status'])).document.grants,
      roles: await listRoles(),
      secrets: [...(await desk.listSecrets()).keys()],
    });
    const lateAt = Date.parse(document.grant?.expires_at ?? '') + 6_000;
    await expect
      .poll(look, { timeout: lateAt - Date.now(), interval: 100 })
      .toEqual({ grants: [], roles: [], secrets: ['session'] });
  });

  it('done and exec at once leave neither a role nor a session', async () => {
    await desk.run(ASK);
    const [, ...children] = await Promise.all([
      desk.run(['done']),
      ...[1, 2, 3].map(() => desk.run(['exec', '--', ...buildQuery('select pg_sleep(1)')])),
    ]);
    for (const { exitCode } of children) expect([0, 1, 2, 3, 125]).toContain(exitCode);
    const { document } = await desk.readJson(['status']);
    expect(document.grants).toEqual([]);
    expect(await listRoles()).toEqual([]);
  });
});

type Login = Readonly<Record<string, string>>;

/** What the role logs in with, as a child could keep it. */
function readLogin(text: string): Login {
  const shown = [...text.matchAll(/^(PG(?:HOST|PORT|DATABASE|USER))=(.*)$/gm)];
  const [, password = ''] = /^[^=\n]*:\d+:[^:\n]*:[^:\n]*:(.*)$/m.exec(text) ?? [];
  return { ...Object.fromEntries(shown.map(([, name, value]) => [name, value])), PGPASSWORD: password };
}

function queryAs(login: Login): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const [command = '', ...args] = COUNT;
  const env = { PATH: process.env.PATH, ...login };
  return new Promise((resolve) =>
    execFile(command, args, { env }, (_error, stdout, stderr) => resolve({ stdout, stderr })),
  );
}
