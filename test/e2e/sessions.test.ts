import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { confirmCode } from '../support/programs/confirm-code.ts';
import type { Desk } from '../support/programs/desk.ts';
import { type Stage, startStage } from '../support/programs/stage.ts';
import { hasTmux } from '../support/terminal/tmux.ts';

const READ = ['request', 'prod:api.read', '--on', 'orders-api', '--for', '30m', '--reason', 'INC-4211 slow'];
const CODE = /code\s+([A-Z]{4}-[A-Z]{4})/;

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

describe('somebody who is not logged in', () => {
  it.each([['whoami'], ['scopes'], ['status'], ['done'], ['history'], READ])(
    'is told so by jit %s (4)',
    async (...args) => {
      await using desk = await stage.openDesk({ user: null });
      const { exitCode, document } = await desk.readJson(args);
      expect(document.error).toEqual({
        code: 'login_needed',
        message: `you are not logged in to ${stage.url}`,
        hint: `jit login ${stage.url}`,
      });
      expect(exitCode).toBe(4);
    },
  );

  it('has nothing to log out of', async () => {
    await using desk = await stage.openDesk({ user: null });
    const { exitCode, document } = await desk.readJson(['logout']);
    expect(document).toEqual({ server: stage.url, was_logged_in: false, grants: [], left: [] });
    expect(exitCode).toBe(0);
  });
});

describe.concurrent('jit login', () => {
  it('DEV-07: is 3 where the code is denied in the browser, and stores nothing', async () => {
    await using desk = await stage.openDesk({ user: null });
    const login = desk.start(['login', '--no-open', '--json']);
    const [, code = ''] = await login.says(CODE);
    await confirmCode(stage, { code, user: 'dev', decision: 'deny' });
    const { exitCode, stdout } = await login.ended;
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: 'login_denied', hint: 'jit login starts again' },
    });
    expect(exitCode).toBe(3);
    expect((await desk.listSecrets()).size).toBe(0);
  });

  it('DEV-08: shows code and address; Ctrl-C ends it at once (130)', async () => {
    await using desk = await stage.openDesk({ user: null });
    const login = desk.start(['login', '--no-open']);
    const [said] = await login.says(/code\s+\S+\n\s+address\s+\S+/);
    expect(said).toContain(`${stage.url}/device`);
    const askedAtMs = performance.now();
    login.kill('SIGINT');
    expect(await login.ended).toMatchObject({ exitCode: 130 });
    expect(performance.now() - askedAtMs).toBeLessThan(3_000);
  });

  it('to a second server makes a profile of its own and leaves the first as it is', async () => {
    await using second = await startStage();
    await using desk = await stage.openDesk();
    const login = desk.start(['login', second.url, '--no-open']);
    const [, code = ''] = await login.says(CODE);
    await confirmCode(second, { code, user: 'eva' });
    const { stderr } = await login.ended;
    const host = new URL(second.url).host;
    expect(stderr).toContain(`use it with --profile ${host}`);
    expect((await desk.readJson(['whoami'])).document).toMatchObject({ server: stage.url, name: 'dev' });
    expect((await desk.readJson(['whoami', '--profile', host])).document).toMatchObject({
      server: second.url,
      name: 'eva',
    });
  });
});

describe.concurrent('jit logout', () => {
  it('gives back what is held and ends the session at the server', async () => {
    await using desk = await stage.openDesk({ user: null });
    await desk.login('eva');
    await desk.run(READ);
    const secrets = await desk.listSecrets();
    const { exitCode, stderr, document } = await desk.readJson(['logout']);
    expect(document).toMatchObject({
      was_logged_in: true,
      grants: [{ state: 'ended', ended_because: 'done' }],
    });
    expect(stderr).toContain(
      '✔ token revoked ✔ removed from the keychain · orders-api · prod:api.read\n✔ logged out of',
    );
    expect(exitCode).toBe(0);
    expect((await desk.listSecrets()).size).toBe(0);
    const { access_token: token } = JSON.parse(secrets.get('session') ?? '{}');
    const answer = await fetch(`${stage.url}/v1/me`, { headers: { authorization: `DPoP ${token}` } });
    expect(answer.status).toBe(401);
  });
});

describe('a session that has ended', () => {
  let short: Stage;
  let desk: Desk;
  beforeAll(async () => {
    short = await startStage({ session: '3s' });
    desk = await short.openDesk();
  });
  afterAll(async () => {
    await desk[Symbol.asyncDispose]();
    await short[Symbol.asyncDispose]();
  });

  const untilOver = (): Promise<void> =>
    expect.poll(async () => (await desk.run(['whoami'])).exitCode, { timeout: 10_000 }).toBe(4);

  it('is 4 without a terminal, with the command that starts another', async () => {
    await untilOver();
    const { exitCode, document } = await desk.readJson(READ);
    expect(document.error).toEqual({
      code: 'session_expired',
      message: `the session on ${short.url} has ended`,
      hint: `jit login ${short.url}`,
    });
    expect(exitCode).toBe(4);
  });

  it.skipIf(!hasTmux())(
    'is replaced in the middle of a command on a terminal, which then goes on',
    async () => {
      await untilOver();
      await using terminal = await desk.openTerminal({ rows: 50 });
      await terminal.run(`jit ${READ.map((word) => `'${word}'`).join(' ')}`);
      const [, code = ''] = CODE.exec(await terminal.see(CODE)) ?? [];
      await confirmCode(short, { code, user: 'dev' });
      const screen = await terminal.see('exit=');
      expect(screen).toContain('has ended');
      expect(screen).toMatch(/✔ logged in as dev on /);
      expect(screen).toContain('✔ approved by rule api-reads-are-automatic');
      expect(screen).toContain('exit=0');
    },
  );
});
