import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestMariaDb } from '../support/databases/mariadb.ts';
import type { Desk } from '../support/programs/desk.ts';
import type { RunningJit } from '../support/programs/running-jit.ts';
import { type Stage, startStage } from '../support/programs/stage.ts';
import { hasTool } from '../support/tools.ts';

const ASK = [
  'request',
  'prod:shop.read',
  '--on',
  'shop',
  '--for',
  '30m',
  '--reason',
  'INC-4211 slow checkout',
];
const COUNT = ['mariadb', '--skip-column-names', '-e', 'SELECT COUNT(*) FROM orders'];

const hasClient = hasTool(['mariadb', '--version'], 'the MariaDB client');
const server = hasClient ? await startTestMariaDb() : undefined;

describe.skipIf(!server)('a MariaDB, from asking to giving back', () => {
  let stage: Stage;
  let desk: Desk;

  beforeAll(async () => {
    stage = await startStage({
      policies: {
        'shop.cedar': `@id("shop-reads-are-automatic") permit (
          principal in Group::"engineers", action == Action::"activate", resource == Scope::"prod:shop.read");`,
      },
      more: {
        scopes:
          '  prod:shop.read: { description: Read, sensitivity: low, default: 30m, max: 4h, targets: [shop] }',
        targets: `  shop:
    kind: mysql
    audience: https://shop.example.com
    url: ${server?.adminUrl.reveal()}
    member_of: { "prod:shop.read": [orders_reader] }`,
      },
    });
    desk = await stage.openDesk();
  });
  afterAll(async () => {
    await desk?.[Symbol.asyncDispose]();
    await stage?.[Symbol.asyncDispose]();
    await server?.stop();
  });
  afterEach(async () => {
    await desk.run(['done']);
  });

  const sql = async (statement: string) => (await server?.sql(statement)) ?? [];
  /** The users of live grants, and their sessions. */
  const findTraces = async () => [
    ...(await sql(
      `SELECT User, Host FROM mysql.user WHERE User LIKE 'jit!_%!_%' ESCAPE '!' AND User <> 'jit_admin'`,
    )),
    ...(await sql(`SELECT ID FROM information_schema.PROCESSLIST WHERE USER LIKE 'jit!_%!_%' ESCAPE '!'`)),
  ];

  /** A statement that stays, once the server itself has seen it. */
  const holdOpen = async (): Promise<RunningJit> => {
    const held = desk.start(['exec', '--', 'mariadb', '-e', 'SELECT SLEEP(60)']);
    const ended = held.ended.then(({ stderr }) => {
      throw new Error(`it ended before it was seen:\n${stderr}`);
    });
    const look = "SELECT 1 FROM information_schema.PROCESSLIST WHERE INFO = 'SELECT SLEEP(60)'";
    while ((await sql(look)).length === 0) await Promise.race([ended, pause(20)]);
    return held;
  };

  it('is read with the mariadb client, which is told nothing, and nothing more than read', async () => {
    const asked = await desk.run(ASK);
    expect(asked).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('prod:shop.read') });
    expect(await desk.run(['exec', '--', ...COUNT])).toEqual({ exitCode: 0, stdout: '400\n', stderr: '' });
    const refused = await desk.run(['exec', '--', 'mariadb', 'orders', '-e', 'DELETE FROM orders']);
    expect(refused.stderr).toContain('DELETE command denied');
    expect(refused.exitCode).not.toBe(0);
  });

  it('is dumped and pinged with the other clients, which know fewer options', async () => {
    await desk.run(ASK);
    const dumped = await desk.run(['exec', '--', 'mariadb-dump', '--skip-lock-tables', 'orders']);
    expect(dumped).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('CREATE TABLE `orders`') });
    expect((await desk.run(['exec', '--', 'mariadb-admin', 'ping'])).stdout).toContain('is alive');
  });

  it('S6: revoking ends an open session within 5 s, drops the user, and lets nobody in again', async () => {
    await desk.run(ASK);
    const kept = await desk.run(['exec', '--', 'sh', '-c', 'cat "$MYSQL_HOME/my.cnf"']);
    const held = await holdOpen();
    const began = performance.now();
    const { stderr, exitCode } = await desk.run(['done']);
    expect((await held.ended).exitCode).not.toBe(0);
    expect(performance.now() - began).toBeLessThan(5000);
    expect(stderr).toContain('1 session ended');
    expect(exitCode).toBe(0);
    expect(await findTraces()).toEqual([]);
    expect(await queryWith(kept.stdout)).toContain('Access denied');
  });

  it('S9: is reached by what jit gives, whatever was inherited, and by no password in the environment', async () => {
    await desk.run(ASK);
    const environment = {
      MYSQL_PWD: 'wrong',
      MYSQL_HOST: '192.0.2.1',
      MYSQL_TCP_PORT: '1',
      MYSQL_HOME: '/nowhere',
      MARIADB_HOME: '/nowhere',
      MYSQL_UNIX_PORT: '/nowhere',
      MYSQL_GROUP_SUFFIX: '_nowhere',
      DATABASE_URL: 'mysql://nobody@192.0.2.1/nowhere',
    };
    const { stdout } = await desk.run(['exec', '--', 'sh', '-c', 'env; echo; cat "$MYSQL_HOME/my.cnf"'], {
      environment,
    });
    const [variables = '', file = ''] = stdout.split('\n\n');
    for (const [name, value] of Object.entries(environment))
      expect(variables).not.toContain(`${name}=${value}`);
    const [, password = 'none'] = /^password=(.*)$/m.exec(file) ?? [];
    expect(password).toMatch(/^[\w-]{43}$/);
    expect(variables).not.toContain(password);
    expect(variables).not.toMatch(/^(JIT_TOKEN|MYSQL_PWD)=/m);
    const counted = await desk.run(['exec', '--', ...COUNT], { environment });
    expect(counted).toMatchObject({ exitCode: 0, stdout: '400\n' });
  });

  it('is reached past a ~/.my.cnf of one’s own by the file of the grant alone, as the documentation says', async () => {
    await desk.run(ASK);
    const own = join(desk.environment.HOME ?? '', '.my.cnf');
    await writeFile(own, '[client]\nuser=somebody\npassword=else\n');
    const script = 'exec mariadb --defaults-file="$MYSQL_HOME/my.cnf" -N -e "SELECT COUNT(*) FROM orders"';
    expect((await desk.run(['exec', '--', ...COUNT])).stderr).toContain("denied for user 'somebody'");
    expect((await desk.run(['exec', '--', 'sh', '-c', script])).stdout).toBe('400\n');
    await rm(own);
  });

  it('I6: leaves no folder behind, and one that a killed jit left is removed by the next', async () => {
    await desk.run(ASK);
    const show = ['exec', '--', 'sh', '-c', 'echo "folder=$MYSQL_HOME;"'];
    const ended = await desk.run(show);
    expect(existsSync(readFolder(ended.stdout))).toBe(false);
    const killed = desk.start([
      'exec',
      '--',
      'sh',
      '-c',
      'echo "folder=$MYSQL_HOME; pid=$$;"; exec sleep 60',
    ]);
    const [, folder = '', child] = await killed.says(/folder=(.*); pid=(\d+);/);
    expect(existsSync(folder)).toBe(true);
    killed.kill('SIGKILL');
    process.kill(Number(child), 'SIGKILL');
    await killed.ended;
    expect(existsSync(`${folder}/my.cnf`)).toBe(false);
    await desk.run(show);
    expect(existsSync(folder)).toBe(false);
  });

  it('I3: ends by itself within 5 s of its time: session, user and the copy here', async () => {
    const { document } = await desk.readJson(ASK.with(5, '6s'));
    const held = await holdOpen();
    expect((await held.ended).exitCode).not.toBe(0);
    const look = async (): Promise<object> => ({
      traces: await findTraces(),
      secrets: [...(await desk.listSecrets()).keys()],
    });
    const lateAt = Date.parse(document.grant?.expires_at ?? '') + 6_000;
    await expect
      .poll(look, { timeout: lateAt - Date.now(), interval: 100 })
      .toEqual({ traces: [], secrets: ['session'] });
  });

  it('I1: done and exec at once leave neither a user nor a session', async () => {
    await desk.run(ASK);
    const [, ...children] = await Promise.all([
      desk.run(['done']),
      ...[1, 2, 3].map(() => desk.run(['exec', '--', 'mariadb', '-e', 'SELECT SLEEP(1)'])),
    ]);
    for (const { exitCode } of children) expect([0, 1, 125]).toContain(exitCode);
    expect((await desk.readJson(['status'])).document.grants).toEqual([]);
    expect(await findTraces()).toEqual([]);
  });
});

function readFolder(stdout: string): string {
  return /folder=(.*);/.exec(stdout)?.[1] ?? '/';
}

/** What the client answers to a login that somebody kept. */
function queryWith(file: string): Promise<string> {
  const read = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(file)?.[1] ?? '';
  const args = [
    '--no-defaults',
    `--user=${read('user')}`,
    `--host=${read('host')}`,
    `--port=${read('port')}`,
  ];
  const env = { PATH: process.env.PATH, MYSQL_PWD: read('password') };
  return new Promise((resolve) =>
    execFile('mariadb', [...args, '-e', 'SELECT 1'], { env }, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    ),
  );
}
