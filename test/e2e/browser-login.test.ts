import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFormBrowser } from '../../src/adapters/form-browser.ts';
import {
  findViolations,
  hasBrowser,
  keepScreenshot,
  openBrowser,
  openPage,
} from '../support/browsers/browser.ts';
import { makeWaitingBrowser, type WaitingBrowser } from '../support/browsers/waiting-browser.ts';
import type { Desk } from '../support/programs/desk.ts';
import { type Stage, startStage } from '../support/programs/stage.ts';
import { hasTmux } from '../support/terminal/tmux.ts';
import { until } from '../support/until.ts';

const READ = ['request', 'prod:api.read', '--on', 'orders-api', '--for', '30m', '--reason', 'INC-4211 slow'];

const FRESH_MS = 6_000;
/** Only a login of the last seconds may: long enough to come back from the browser. */
const FRESH = `
@id("reads-of-the-freshly-logged-in")
@login_within("6s")
permit (principal in Group::"engineers", action == Action::"activate", resource == Scope::"prod:api.read");`;

let stage: Stage;
let desk: Desk;
let waiting: WaitingBrowser;
beforeAll(async () => {
  stage = await startStage({ policies: { 'fresh.cedar': FRESH } });
  waiting = await makeWaitingBrowser(stage.folder);
  desk = await stage.openDesk({ user: null, environment: waiting.environment });
});
afterAll(async () => {
  await desk[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});

/** What a person does at the address, by plain HTTP. */
async function confirm(address: string, decision = 'approve'): Promise<string> {
  const browser = createFormBrowser();
  const login = await browser.get(address);
  const question = await browser.submit(login, { user: 'dev', pin: stage.pin });
  return (await browser.submit(question, { decision })).html;
}

describe.skipIf(!hasBrowser())('jit login --browser in a real browser', () => {
  let chromium: Browser;
  beforeAll(async () => {
    chromium = await openBrowser();
  });
  afterAll(() => chromium.close());

  it.each([
    [360, 'dark'],
    [1280, 'light'],
  ] as const)('logs in, on pages without a violation (%i px, %s)', async (width, scheme) => {
    const login = desk.start(['login', '--browser', '--json']);
    const page = await openPage(chromium, { width, scheme });
    await page.goto(await waiting.wasSentTo());
    await page.getByLabel('User').selectOption('dev');
    await page.getByLabel('PIN').fill(stage.pin);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('heading', { name: 'Is that you?' }).waitFor();
    expect(await findViolations(page)).toEqual([]);
    await keepScreenshot(page, `browser-login-${width}-${scheme}`);
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('heading', { name: 'The terminal is logged in' }).waitFor();
    expect(await findViolations(page)).toEqual([]);
    expect(await page.evaluate('getComputedStyle(document.body).maxWidth')).toBe('544px');
    const { exitCode, stdout } = await login.ended;
    expect([exitCode, JSON.parse(stdout)]).toMatchObject([0, { name: 'dev', login: { method: 'browser' } }]);
    await page.context().close();
  });
});

describe('jit login --browser', () => {
  it('OAU-05: is 3 where it is denied; nothing is stored, and nothing said is a secret', async () => {
    await using other = await stage.openDesk({ user: null, environment: waiting.environment });
    const login = other.start(['login', '--browser', '--json']);
    expect(await confirm(await waiting.wasSentTo(), 'deny')).toContain('The login was denied');
    const { exitCode, stdout, stderr } = await login.ended;
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'login_denied' } });
    expect(exitCode).toBe(3);
    expect((await other.listSecrets()).size).toBe(0);
    expect(stderr).not.toMatch(/code_verifier|access_token/);
  });

  it('shows the address where it opens nothing; Ctrl-C ends it at once (130) and closes the port', async () => {
    const login = desk.start(['login', '--browser', '--no-open']);
    const [address] = await login.says(/http\S+\/oauth\/auth\?\S+/);
    const port = new URL(new URL(address).searchParams.get('redirect_uri') ?? '');
    expect((await fetch(port)).status).toBe(400);
    const askedAtMs = performance.now();
    login.kill('SIGINT');
    expect(await login.ended).toMatchObject({ exitCode: 130 });
    expect(performance.now() - askedAtMs).toBeLessThan(3_000);
    await expect(fetch(port)).rejects.toThrow();
  });

  it('OAU-07: says what to do instead where the server has it turned off, and the other way round', async () => {
    for (const [withoutLogin, args, hint] of [
      ['browser', ['--browser'], 'jit login without --browser'],
      ['device', [], 'jit login --browser'],
    ] as const) {
      await using other = await startStage({ withoutLogin });
      await using somebody = await other.openDesk({ user: null });
      const { exitCode, document } = await somebody.readJson(['login', ...args]);
      expect([exitCode, document.error]).toMatchObject([4, { code: 'login_not_offered', hint }]);
    }
  });
});

describe('what policy wants a newer login for (RFC 9470)', () => {
  beforeAll(async () => {
    const login = desk.start(['login', '--browser']);
    await confirm(await waiting.wasSentTo());
    await login.ended;
    const { document } = await desk.readJson(['whoami']);
    const { at } = document.login as { readonly at: string };
    await until('too old', async () => Date.now() - Date.parse(at) > FRESH_MS, 2 * FRESH_MS);
  });

  it('is an error without a terminal, with what to do (4)', async () => {
    const { exitCode, document } = await desk.readJson(READ);
    expect([exitCode, document.error]).toEqual([
      4,
      {
        code: 'step_up_needed',
        message: 'policy asks for a login that is not older than 6 s for this',
        hint: 'jit login, and then the same command again',
      },
    ]);
  });

  it.skipIf(!hasTmux())(
    'is asked for on a terminal, the way of before; then the command goes on',
    async () => {
      const before = await readSession();
      await using terminal = await desk.openTerminal({ rows: 50, environment: waiting.environment });
      await terminal.run(`jit ${READ.map((word) => `'${word}'`).join(' ')}`);
      const address = await waiting.wasSentTo();
      expect(new URL(address).searchParams.get('max_age')).toBe('6');
      expect(await confirm(address)).toContain('The terminal is logged in');
      const screen = await terminal.see('exit=');
      expect(screen).toContain('policy asks for a login that is not older than 6 s');
      expect(screen).toContain('✔ approved by rule reads-of-the-freshly-logged-in');
      expect(screen).toContain('exit=0');
      expect(await readSession()).not.toBe(before);
      const ended = await fetch(`${stage.url}/v1/me`, { headers: { authorization: `DPoP ${before}` } });
      expect(ended.status).toBe(401);
    },
  );
});

async function readSession(): Promise<string> {
  const text = (await desk.listSecrets()).get('session') ?? '{}';
  return (JSON.parse(text) as { readonly access_token: string }).access_token;
}
