import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildAsker, dev, lead, other } from '../../../support/broker.ts';
import { openReviewStage, type ReviewStage } from '../../../support/reviews/stage.ts';

let stage: ReviewStage;

beforeEach(async () => {
  stage = await openReviewStage();
});

afterEach(async () => {
  expect(stage.errors).toEqual([]);
  await stage[Symbol.asyncDispose]();
});

async function open(path: string, asker = lead): Promise<string> {
  return (await (await stage.browse(asker)).get(stage.url + path)).html;
}

const listRows = (html: string): readonly string[] =>
  [...html.matchAll(/data-row="([^"]+)"/g)].map(([, id = '']) => id);

describe('the inbox page', () => {
  it('leads to the login and back whoever is not logged in', async () => {
    const response = await fetch(`${stage.url}/inbox?q=ada`, { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([
      303,
      '/login?next=%2Finbox%3Fq%3Dada',
    ]);
    const root = await fetch(`${stage.url}/`, { redirect: 'manual' });
    expect(root.headers.get('location')).toBe('/inbox');
  });

  it('lists what the reader may decide, oldest first, and nothing of their own', async () => {
    const first = await stage.ask({ scopes: ['prod:db.write'] });
    await stage.broker.clock.advance(60_000);
    const second = await stage.ask({ ticket: 'OPS-7' }, other);
    await stage.ask({}, lead);
    const html = await open('/inbox');
    expect(listRows(html)).toEqual([first, second]);
    expect(html).toContain('2 wait for you.');
    expect(html).toContain('1 min ago');
    expect(html).toContain('OPS-7');
  });

  it('is empty for those who decide nothing', async () => {
    await stage.ask({}, lead);
    expect(await open('/inbox', dev)).toContain('Nothing waits for you.');
  });

  it('shows only what has all of the words', async () => {
    const ada = buildAsker('ada', ['engineers']);
    stage.broker.people.push(ada.principal);
    const wanted = await stage.ask({ reason: 'a slow Checkout of orders' }, ada);
    await stage.ask({ reason: 'another checkout' });
    expect(listRows(await open('/inbox?q=ADA+checkout'))).toEqual([wanted]);
    expect(await open('/inbox?q=ADA+checkout')).toContain('1 of 2 shown.');
    expect(await open('/inbox?q=nobody')).toContain('Nothing here has all of these words.');
    expect(await open('/inbox?q=%22%3E%3Cscript%3E')).toContain('value="&quot;&gt;&lt;script&gt;"');
  });

  it('marks what is special: how many of how many, escalated, break-glass', async () => {
    stage.broker.policy.obligations = {
      ...stage.broker.policy.obligations,
      approvals: 2,
      escalationGroups: ['engineers'],
    };
    await stage.ask();
    await stage.broker.clock.advance(stage.broker.settings.review.escalateAfterSeconds * 1000);
    await stage.broker.runDue();
    const html = await open('/inbox');
    expect(html).toContain('0 of 2');
    expect(html).toContain('escalated');
    expect(html).not.toContain('break-glass<');
  });

  it('keeps the ticket and the reason apart, also where their text alone is taken', async () => {
    await stage.ask({ ticket: 'INC-4211', reason: 'wrong totals' });
    const { html } = await (await stage.browse(lead)).get(`${stage.url}/inbox`);
    expect(html.replace(/<[^>]*>/g, '')).toContain('INC-4211 wrong totals');
  });

  it('says nothing that an address makes up', async () => {
    expect(await open('/inbox?note=approved&about=req_abc')).toContain('Your approval is recorded.');
    const html = await open('/inbox?note=You+won&about=%2F%2Fevil.example');
    expect(html).not.toContain('You won');
    expect(html).not.toContain('evil.example');
    expect(await open('/inbox?note=constructor')).toContain('Nothing waits for you.');
  });

  it('S13: a GET changes nothing, whatever it names', async () => {
    const id = await stage.ask();
    const browser = await stage.browse(lead);
    for (const path of [
      `/requests/${id}/decide?decision=approve`,
      `/requests/${id}/cancel`,
      `/requests/${id}?decision=approve`,
      '/inbox?decision=approve',
      '/grants/revoke?everyone=yes&count=0',
    ]) {
      await browser.get(stage.url + path);
    }
    expect(await stage.broker.store.readRequest(id)).toMatchObject({ state: 'pending', version: 1 });
    expect(await stage.broker.store.findPosition()).toBe(1);
  });

  it('OAU-06: carries the headers, one script of its own, and nothing inline', async () => {
    const id = await stage.ask();
    const browser = await stage.browse(lead);
    const paths = [
      '/inbox',
      `/requests/${id}`,
      '/grants',
      '/history',
      '/requests/none',
      '/grants/revoke?everyone=yes',
    ];
    for (const path of paths) {
      const { headers, html } = await browser.get(stage.url + path);
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      );
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(html).not.toMatch(
        /<style|\sstyle=|\son[a-z]+=|<script(?! src="\/assets\/jit-[0-9a-f]{12}\.js")/i,
      );
    }
  });
});
