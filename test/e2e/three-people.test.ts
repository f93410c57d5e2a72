import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, keepScreenshot, openBrowser, openPage } from '../support/browsers/browser.ts';
import type { Desk } from '../support/programs/desk.ts';
import { type Stage, startStage } from '../support/programs/stage.ts';
import { REVIEW_PEOPLE, REVIEW_POLICY } from '../support/reviews/review-policy.ts';
import { hasTmux, type TmuxTerminal } from '../support/terminal/tmux.ts';

const ASK =
  'request prod:db.write --on orders --for 45m --reason "INC-4211 fix the totals" --ticket INC-4211';

describe.runIf(hasBrowser() && hasTmux())('the story of three people', () => {
  let stage: Stage;
  let dev: Desk;
  let lead: Desk;
  let browser: Browser;
  let guard: Page;
  let terminal: TmuxTerminal;
  let requestId = '';

  beforeAll(async () => {
    [stage, browser] = await Promise.all([
      startStage({
        withDatabase: true,
        people: REVIEW_PEOPLE,
        policies: { 'review.cedar': REVIEW_POLICY },
      }),
      openBrowser(),
    ]);
    [dev, lead] = await Promise.all([stage.openDesk(), stage.openDesk({ user: 'dba-lead' })]);
    guard = await openPage(browser);
    terminal = await dev.openTerminal();
  });

  afterAll(async () => {
    await terminal?.[Symbol.asyncDispose]();
    await browser?.close();
    for (const desk of [dev, lead]) await desk?.[Symbol.asyncDispose]();
    await stage?.[Symbol.asyncDispose]();
  });

  const listRoles = async (): Promise<readonly unknown[]> => {
    const rows = await stage.database?.sql("select rolname from pg_roles where rolname like 'jit\\_%'");
    return (rows ?? []).map(({ rolname }) => rolname);
  };

  it('begins with a reviewer who logs in at the page and finds nothing to do', async () => {
    await guard.goto(stage.url);
    await guard.getByLabel('User').selectOption('guard');
    await guard.getByLabel('PIN').fill(stage.pin);
    await guard.getByRole('button', { name: 'Continue' }).click();
    await guard.getByText('Nothing waits for you.').waitFor();
    expect(new URL(guard.url()).pathname).toBe('/inbox');
    await keepScreenshot(guard, 'story-1-empty-inbox');
  });

  it('goes on with a request that says who can approve, and appears in front of the reviewer by itself', async () => {
    await terminal.run(`jit ${ASK}`);
    await terminal.see(/dba-lead or guard can approve/);
    const screen = await terminal.see(/waiting for dba-lead or guard/);
    requestId = /req_\w+/.exec(screen)?.[0] ?? '';
    await guard.getByText('INC-4211 fix the totals').waitFor();
    await keepScreenshot(guard, 'story-2-inbox');
    const inbox = await lead.run(['inbox']);
    expect(inbox.stdout).toContain('INC-4211 fix the totals');
  });

  it('is approved by the first on the command line, which the one who waits sees', async () => {
    const approved = await lead.run([
      'approve',
      requestId,
      '--yes',
      '--reason',
      'the change is in the ticket',
    ]);
    expect(approved.stderr).toContain('1 of 2');
    await terminal.see(/1 of 2: dba-lead approved/);
  });

  it('is looked at and shortened by the second on the page, with the keyboard', async () => {
    await guard.keyboard.press('j');
    await guard.keyboard.press('Enter');
    await guard.getByRole('heading', { name: 'Your decision' }).waitFor();
    await expectShown(guard, [
      'dev',
      'INC-4211',
      '45 min',
      '1 of 2 have approved',
      'the change is in the ticket',
    ]);
    await keepScreenshot(guard, 'story-3-request');
    await guard.getByLabel('For how long').selectOption('900');
    await guard.getByRole('button', { name: 'Approve' }).click();
    await guard.getByText('approved', { exact: false }).first().waitFor();
    await keepScreenshot(guard, 'story-4-approved');
  });

  it('is claimed at once by the terminal that waited, for what was let through, and used', async () => {
    await terminal.see(/approved by dba-lead and guard/);
    await terminal.see(/15 min instead of 45 min/);
    await terminal.see(/exit=0/);
    const used = await dev.run(['exec', '--', process.execPath, '-e', 'console.log(process.env.PGUSER)']);
    expect(used.exitCode).toBe(0);
    expect(used.stdout).toMatch(/^jit_/);
    expect(await listRoles()).toContain(used.stdout.trim());
  });

  it('ends when an admin takes everything away on the page, at the target too', async () => {
    const admin = await openPage(browser);
    await admin.goto(`${stage.url}/grants`);
    await admin.getByLabel('User').selectOption('dba-lead');
    await admin.getByLabel('PIN').fill(stage.pin);
    await admin.getByRole('button', { name: 'Continue' }).click();
    await admin.getByRole('heading', { name: 'Live grants' }).waitFor();
    await keepScreenshot(admin, 'story-5-grants');
    const grantId = await admin.locator('[data-row]').getAttribute('data-row');
    await admin.getByLabel('All of a person').fill('dev');
    await admin.getByRole('button', { name: 'Show …' }).first().click();
    await admin.getByText('1 live grant, and requests that could still become grants.').waitFor();
    await keepScreenshot(admin, 'story-6-asked');
    await admin.getByRole('button', { name: 'Take away everything of dev' }).click();
    await admin.getByText('All of it is being taken away.').waitFor();
    await admin.getByText('Nobody holds anything that you may see.').waitFor();
    await keepScreenshot(admin, 'story-7-revoked');
    expect(await listRoles()).toEqual(['jit_admin']);
    await admin.goto(`${stage.url}/grants/${grantId}`);
    await admin.getByText('gone: jit looked').waitFor();
    expect((await dev.run(['whoami'])).exitCode).toBe(4);
  });
});

async function expectShown(page: Page, texts: readonly string[]): Promise<void> {
  const shown = await page.locator('main').innerText();
  for (const text of texts) expect(shown).toContain(text);
}
