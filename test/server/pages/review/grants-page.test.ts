import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NO_OBLIGATIONS } from '../../../../src/core/decision.ts';
import type { Grant } from '../../../../src/core/grant.ts';
import { SWEEPS_PER_PERSON } from '../../../../src/core/limits.ts';
import { dev, lead, other } from '../../../support/broker.ts';
import { postForm } from '../../../support/browsers/page-form.ts';
import { openReviewStage, type ReviewStage } from '../../../support/reviews/stage.ts';

let stage: ReviewStage;

beforeEach(async () => {
  stage = await openReviewStage();
  stage.broker.policy.may = ({ action, principal }) => action === 'revoke' && principal.name === 'lead';
});

afterEach(async () => {
  expect(stage.errors).toEqual([]);
  await stage[Symbol.asyncDispose]();
});

const read = (id: string) => stage.broker.store.readGrant(id);

describe('the grants page', () => {
  it('lists what the reader may see, with a button for what they may take away', async () => {
    const grant = await stage.grant();
    const seenBy = async (asker: typeof dev) =>
      (await (await stage.browse(asker)).get(`${stage.url}/grants`)).html;
    const action = `action="/grants/${grant.id}/revoke"`;
    expect(await seenBy(lead)).toContain(action);
    expect(await seenBy(dev)).toContain('Give back');
    expect(await seenBy(other)).not.toContain(grant.id);
    expect(await seenBy(other)).toContain('Nobody holds anything that you may see.');
  });

  it('INP-01: shows a hundred at once, with the way to the others, and counts them all', async () => {
    const grant = await stage.grant();
    const live = Array.from({ length: 101 }, (_, index): Grant => ({ ...grant, id: `gr_${index}` }));
    vi.spyOn(stage.broker.store, 'listGrants').mockResolvedValue(live);
    const browser = await stage.browse(lead);
    const { html } = await browser.get(`${stage.url}/grants`);
    expect(html).toContain('101 are live.');
    expect(html.match(/action="\/grants\/gr_\d+\/revoke"/g)).toHaveLength(100);
    expect(html).toContain('href="/grants?page=2"');
    const rest = (await browser.get(`${stage.url}/grants?page=2`)).html;
    expect(rest.match(/action="\/grants\/gr_\d+\/revoke"/g)).toEqual(['action="/grants/gr_100/revoke"']);
  });

  it('says "not used yet" only of what ends unused: of anything else nobody knows', async () => {
    const { id } = await stage.grant();
    stage.broker.policy.obligations = { ...NO_OBLIGATIONS, idleSeconds: 300 };
    const ending = await stage.grant({ scopes: ['prod:db.write'] });
    const browser = await stage.browse(lead);
    const read = async (path: string) => (await browser.get(`${stage.url}${path}`)).html;
    expect((await read('/grants')).match(/not used yet/g)).toHaveLength(1);
    expect(await read(`/grants/${id}`)).not.toContain('Last used');
    expect(await read(`/grants/${ending.id}`)).toContain('not yet');
  });

  it('takes one away, and says so only when it is proved', async () => {
    const grant = await stage.grant();
    const browser = await stage.browse(lead);
    const page = await browser.get(`${stage.url}/grants`);
    const after = await postForm(browser, page, { action: `/grants/${grant.id}/revoke` });
    expect(after.html).toContain('It is being taken away.');
    expect(after.html).toContain('being taken away');
    expect(await read(grant.id)).toMatchObject({ state: 'revoking', endedBecause: 'revoked' });
    await stage.broker.runDue();
    const ended = await browser.get(`${stage.url}/grants/${grant.id}`);
    expect(ended.html).toContain('gone: jit looked');
    expect(ended.html).toContain('revoked by lead');
  });

  it('shows why it is not confirmed yet', async () => {
    const grant = await stage.grant();
    stage.broker.target.failAt('remove', 'the target is <b>away</b>');
    const browser = await stage.browse(lead);
    await postForm(browser, await browser.get(`${stage.url}/grants`), {
      action: `/grants/${grant.id}/revoke`,
    });
    await stage.broker.runDue();
    const { html } = await browser.get(`${stage.url}/grants`);
    expect(html).toContain('not confirmed');
    expect(html).toContain('the target is &lt;b&gt;away&lt;/b&gt;');
  });

  it('gives one’s own back', async () => {
    const grant = await stage.grant();
    const browser = await stage.browse(dev);
    await postForm(browser, await browser.get(`${stage.url}/grants/${grant.id}`), {
      action: `/grants/${grant.id}/revoke`,
    });
    expect(await read(grant.id)).toMatchObject({ state: 'revoking', endedBecause: 'done' });
  });

  it('is not there for those who may not see the grant, also not by a form', async () => {
    const grant = await stage.grant();
    await stage.grant({}, other);
    const browser = await stage.browse(other);
    const page = await browser.get(`${stage.url}/grants`);
    expect((await browser.get(`${stage.url}/grants/${grant.id}`)).status).toBe(404);
    const csrf = page.fields.csrf ?? '';
    const after = await browser.post(`${stage.url}/grants/${grant.id}/revoke`, { csrf });
    expect([after.status, (await read(grant.id))?.state]).toEqual([404, 'active']);
  });
});

describe('taking away more at once', () => {
  const findStates = async (ids: readonly string[]) =>
    Promise.all(ids.map(async (id) => (await read(id))?.state));

  it('of a person: first shown, then done', async () => {
    const grants = [
      await stage.grant(),
      await stage.grant({ scopes: ['prod:db.write'] }),
      await stage.grant({}, other),
    ];
    const ids = grants.map(({ id }) => id);
    const browser = await stage.browse(lead);
    const page = await browser.get(`${stage.url}/grants/revoke?user=dev`);
    expect(page.html).toContain('Take away everything of dev');
    expect(page.html).toContain('2 live grants');
    expect(await findStates(ids)).toEqual(['active', 'active', 'active']);
    await postForm(browser, page, { action: '/grants/revoke' });
    expect(await findStates(ids)).toEqual(['revoking', 'revoking', 'active']);
    expect(stage.broker.loggedOut).toEqual(['dev:dev']);
  });

  it('of everybody: the number has to be typed', async () => {
    const ids = [(await stage.grant()).id, (await stage.grant({}, other)).id];
    const browser = await stage.browse(lead);
    const page = await browser.get(`${stage.url}/grants/revoke?everyone=yes`);
    expect(page.html).toContain('Type 2 to take all of them away');
    for (const count of ['', '1', 'yes']) {
      const after = await postForm(browser, page, { action: '/grants/revoke', set: { count } });
      expect([after.status, await findStates(ids)]).toEqual([409, ['active', 'active']]);
    }
    await postForm(browser, page, { action: '/grants/revoke', set: { count: '2' } });
    expect(await findStates(ids)).toEqual(['revoking', 'revoking']);
  });

  it('INP-01: looked at or done too often in a minute it is refused, and nothing is taken', async () => {
    const { id } = await stage.grant();
    const browser = await stage.browse(lead);
    const page = await browser.get(`${stage.url}/grants/revoke?user=dev`);
    for (let look = 1; look < SWEEPS_PER_PERSON; look += 1) stage.broker.keepPace(lead, 'sweeps');
    expect((await browser.get(`${stage.url}/grants/revoke?user=dev`)).status).toBe(429);
    expect((await postForm(browser, page, { action: '/grants/revoke' })).status).toBe(429);
    expect((await read(id))?.state).toBe('active');
  });

  it('is never everybody’s because a field was lost', async () => {
    const { id } = await stage.grant();
    const browser = await stage.browse(lead);
    const page = await browser.get(`${stage.url}/grants/revoke?user=dev`);
    const after = await postForm(browser, page, { action: '/grants/revoke', set: { user: null } });
    expect([after.status, await findStates([id])]).toEqual([400, ['active']]);
    expect((await browser.get(`${stage.url}/grants/revoke`)).status).toBe(400);
  });

  it('is only what the asker may take away', async () => {
    const ids = [(await stage.grant()).id, (await stage.grant({}, other)).id];
    const browser = await stage.browse(dev);
    const page = await browser.get(`${stage.url}/grants/revoke?everyone=yes`);
    expect(page.html).toContain('Type 1 to take all of them away');
    await postForm(browser, page, { action: '/grants/revoke', set: { count: '1' } });
    expect(await findStates(ids)).toEqual(['revoking', 'active']);
  });
});

describe('taking away of whoever holds nothing', () => {
  it('is offered to those who may take everything, for there may be logins and requests', async () => {
    stage.broker.policy.may = ({ principal }) => principal.name === 'lead';
    const id = await stage.ask({ scopes: ['prod:db.write'] });
    const browser = await stage.browse(lead);
    const { html } = await browser.get(`${stage.url}/grants`);
    expect(html).toContain('<input id="many-user" name="user"');
    expect(html).toContain('<option value="orders">');
    const page = await browser.get(`${stage.url}/grants/revoke?user=dev`);
    expect(page.html).toMatch(
      /0 live grants, and requests that could still become grants. +Login sessions end/,
    );
    const after = await postForm(browser, page, { action: '/grants/revoke' });
    expect(after.html).toContain('All of it is being taken away.');
    expect((await stage.broker.store.readRequest(id))?.state).toBe('cancelled');
    expect(stage.broker.loggedOut).toEqual(['dev:dev']);
  });

  it('is not offered to others, and says that it changed nothing', async () => {
    await stage.grant({}, dev);
    const browser = await stage.browse(other);
    expect((await browser.get(`${stage.url}/grants`)).html).not.toContain('Take away more at once');
    const page = await browser.get(`${stage.url}/grants/revoke?user=dev`);
    expect(page.html).not.toContain('Login sessions');
    const after = await postForm(browser, page, { action: '/grants/revoke' });
    expect([after.status, after.html]).toEqual([
      409,
      expect.stringContaining('There was nothing that you may'),
    ]);
    expect(stage.broker.loggedOut).toEqual([]);
  });
});

describe('the history page', () => {
  it('shows one’s own, and another’s where policy lets one read it', async () => {
    await stage.grant({ reason: 'a look at the slow checkout' });
    const browse = async (asker: typeof dev, path: string) =>
      (await (await stage.browse(asker)).get(stage.url + path)).html;
    expect(await browse(dev, '/history')).toContain('a look at the slow checkout');
    expect(await browse(other, '/history?user=dev')).toContain(
      'Nobody of that name has a history that you may see.',
    );
    expect(await browse(other, '/history?user=nobody')).toContain(
      'Nobody of that name has a history that you may see.',
    );
    stage.broker.policy.may = ({ action }) => action === 'read';
    expect(await browse(other, '/history?user=dev')).toContain('a look at the slow checkout');
  });
});
