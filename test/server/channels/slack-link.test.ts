import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FormBrowser, VisitedPage } from '../../../src/adapters/form-browser.ts';
import { dev, lead, START_AT } from '../../support/broker.ts';
import { listButtons, type SlackPerson } from '../../support/slack/fake-slack.ts';
import { openSlackStage, type SlackStage } from '../../support/slack/stage.ts';

const LEAD: SlackPerson = { id: 'U0LEAD', team: 'T0JIT', name: 'lead <b>of all</b>' };
const EXTERNAL = 'T0JIT:U0LEAD';
const MINUTE_MS = 60_000;

let stage: SlackStage;
beforeEach(async () => {
  stage = await openSlackStage();
});
afterEach(async () => {
  expect(stage.errors).toEqual([]);
  await stage[Symbol.asyncDispose]();
});

/** The address that Slack shows to an account that pressed a button. */
async function askForLink(by = LEAD): Promise<string> {
  await stage.ask({ durationSeconds: 60 * (1 + stage.slack.calls.length) });
  const before = stage.slack.calls.filter(({ method }) => method === 'chat.postEphemeral').length;
  await stage.press('approve', by);
  const { body } = await stage.slack.see('chat.postEphemeral', before + 1);
  return listButtons(body)[0]?.url ?? '';
}

async function open(browser: FormBrowser, url?: string): Promise<VisitedPage> {
  return browser.get(url ?? (await askForLink()));
}

const findLink = () => stage.people.findLinked('slack', EXTERNAL);

describe('linking an account at Slack', () => {
  it('asks who is logged in, links on their word, and is recorded; from then on their clicks count', async () => {
    const browser = await stage.browse(lead);
    const page = await open(browser);
    expect(page.status).toBe(200);
    expect(page.html).toContain('calls itself <strong>lead &lt;b&gt;of all&lt;/b&gt;</strong>');
    expect(page.html).toContain(`<code>${EXTERNAL}</code>`);
    expect(page.html).toContain('as <strong>lead</strong>');
    expect(page.html).toMatch(
      /<a href="\/login\?next=%2Fchannels%2Fslack%2Flink[^"]*as=other">Use another account/,
    );
    expect(await findLink()).toBeUndefined();
    const done = await browser.submit(page, { decision: 'link' });
    expect([done.status, done.html]).toEqual([200, expect.stringContaining('press the button again')]);
    expect(await findLink()).toMatchObject({ subject: 'dev:lead', linkedAt: START_AT });
    const request = await stage.ask({ scopes: ['prod:db.write'] });
    await stage.press('approve', LEAD);
    expect((await stage.read(request))?.state).toBe('approved');
  });

  it('is an audit event that names both sides', async () => {
    const browser = await stage.browse(lead);
    await browser.submit(await open(browser), { decision: 'link' });
    const changes = await stage.broker.store.listChanges({ after: 0, limit: 100 });
    expect(changes.filter(({ kind }) => kind === 'person.linked')).toHaveLength(1);
  });

  it('is as old as the login behind it, which must be of the last ten minutes', async () => {
    const browser = await stage.browse(lead, START_AT - 10 * MINUTE_MS);
    await browser.submit(await open(browser), { decision: 'link' });
    expect((await findLink())?.linkedAt).toBe(START_AT - 10 * MINUTE_MS);
    const stale = await stage.browse(lead, START_AT - 10 * MINUTE_MS - 1_000);
    const url = await askForLink({ ...LEAD, id: 'U0SECOND' });
    expect((await open(stale, url)).url).toMatch(
      /\/login\?next=%2Fchannels%2Fslack%2Flink%3Fstate%3D.*max_age=600/,
    );
  });

  it('sends whoever is not logged in to log in, and back', async () => {
    const browser = await stage.browse(lead);
    browser.cookies.clear();
    const url = await askForLink();
    const { search, searchParams } = new URL((await open(browser, url)).url);
    expect(search).not.toBe('');
    expect(stage.url + searchParams.get('next')).toBe(url);
  });

  it('does nothing where it is refused', async () => {
    const browser = await stage.browse(lead);
    const url = await askForLink();
    const done = await browser.submit(await open(browser, url), { decision: 'refuse' });
    expect(done.html).toContain('Nothing was linked');
    expect((await browser.get(url)).html).toContain('Is this your Slack account?');
    const again = await browser.submit(await browser.get(url), { decision: 'link' });
    expect(again.status).toBe(410);
    expect(await findLink()).toBeUndefined();
  });
});

describe('what links no account at Slack', () => {
  it('S13: a GET', async () => {
    const browser = await stage.browse(lead);
    const url = await askForLink();
    for (let visit = 0; visit < 3; visit += 1) await browser.get(`${url}&decision=link`);
    expect(await findLink()).toBeUndefined();
  });

  it('an address that is older than ten minutes', async () => {
    const browser = await stage.browse(lead);
    const url = await askForLink();
    const page = await open(browser, url);
    await stage.broker.clock.advance(10 * MINUTE_MS);
    expect((await browser.submit(page, { decision: 'link' })).status).toBe(410);
    expect((await browser.get(url)).status).toBe(410);
    expect(await findLink()).toBeUndefined();
  });

  it('an address that was used, by whomever', async () => {
    const browser = await stage.browse(lead);
    const page = await open(browser);
    await browser.submit(page, { decision: 'link' });
    const thief = await stage.browse(dev);
    const theirs = await open(thief, page.url);
    expect((await thief.submit(theirs, { decision: 'link' })).status).toBe(410);
    expect((await findLink())?.subject).toBe('dev:lead');
  });

  it.each([
    ['that was changed', (state: string) => `${state.slice(0, -2)}${state.endsWith('AA') ? 'BB' : 'AA'}`],
    ['of nothing', () => ''],
    ['that somebody made up', () => Buffer.from('{"externalId":"T0JIT:U0LEAD"}').toString('base64url')],
  ])('an address %s', async (_what, change) => {
    const url = new URL(await askForLink());
    url.searchParams.set('state', change(url.searchParams.get('state') ?? ''));
    const browser = await stage.browse(lead);
    expect((await browser.get(url.href)).status).toBe(410);
  });

  it('a form from elsewhere, without the token, or in another browser', async () => {
    const browser = await stage.browse(lead);
    const page = await open(browser);
    const target = `${stage.url}/channels/slack/link`;
    const fields = { ...page.fields, decision: 'link' };
    const statuses = [
      (await browser.post(target, fields, { origin: 'https://evil.example' })).status,
      (await browser.post(target, fields, { 'sec-fetch-site': 'cross-site' })).status,
      (await browser.post(target, { ...fields, csrf: '' })).status,
      (await (await stage.browse(dev)).post(target, fields)).status,
      (await browser.post(target, { ...fields, decision: 'x'.repeat(8_192) })).status,
    ];
    expect(statuses).toEqual([403, 403, 403, 403, 413]);
    expect(await findLink()).toBeUndefined();
  });

  it('a word that is neither yes nor no', async () => {
    const browser = await stage.browse(lead);
    await browser.submit(await open(browser), { decision: 'perhaps' });
    expect(await findLink()).toBeUndefined();
  });
});
