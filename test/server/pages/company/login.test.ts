import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createFormBrowser,
  type FormBrowser,
  type VisitedPage,
} from '../../../../src/adapters/form-browser.ts';
import { LOGINS_PER_ADDRESS } from '../../../../src/core/limits.ts';
import { logInAtCompany } from '../../../support/company/login.ts';
import { type CompanyServer, passCompany, startCompanyServer } from '../../../support/company/provider.ts';
import { type JitServer, startJitServer } from '../../../support/programs/jit-server.ts';

let company: CompanyServer;
let server: JitServer;
let errors: number;

beforeEach(async () => {
  errors = 0;
  company = await startCompanyServer();
  company.accounts.set('u-1', { name: 'ada', groups: ['engineers'], amr: ['pwd', 'mfa'] });
  company.accounts.set('u-2', { name: 'bob', groups: ['dba'], amr: ['pwd'] });
  server = await startJitServer({
    config: { identity: { devUsers: [], company: company.settings, workloads: [] } },
  });
  company.trust(`${server.url}/login/callback`);
});

afterEach(async () => {
  expect(server.errors).toHaveLength(errors);
  await server[Symbol.asyncDispose]();
  await company[Symbol.asyncDispose]();
});

const open = (browser: FormBrowser, query = '') => browser.get(`${server.url}/login?next=/device${query}`);

async function enter(account = 'u-1', query = ''): Promise<readonly [FormBrowser, VisitedPage]> {
  const browser = createFormBrowser();
  return [browser, await passCompany(browser, await open(browser, query), account)];
}

const readAddress = (page: VisitedPage) =>
  new URL((/<a id="company" href="([^"]+)"/.exec(page.html)?.[1] ?? '').replaceAll('&amp;', '&'));

/** Another character in the middle: some bits of the last one say nothing. */
const touch = (state: string) => `${state.slice(0, 30)}${state[30] === 'A' ? 'B' : 'A'}${state.slice(31)}`;

describe('a login at the company', () => {
  it('asks with PKCE, state, nonce and the exact redirect, and keeps no secret in the address', async () => {
    const { searchParams } = readAddress(await open(createFormBrowser()));
    expect(searchParams.get('redirect_uri')).toBe(`${server.url}/login/callback`);
    expect(searchParams.get('code_challenge_method')).toBe('S256');
    expect(searchParams.get('code_challenge')).toMatch(/^[\w-]{43}$/);
    expect(searchParams.get('nonce')).toMatch(/^[\w-]{43}$/);
    expect(searchParams.get('state')).not.toContain('device');
    expect(searchParams.get('client_secret')).toBeNull();
    expect(searchParams.get('max_age')).toBe('43200');
  });

  it('leads a terminal to a session of that person, with the groups of the company', async () => {
    const someone = await logInAtCompany(server.url, 'u-1');
    const me = await someone.backend.readPerson();
    expect(me).toMatchObject({ name: 'ada', groups: ['engineers'] });
    company.accounts.set('u-1', { name: 'ada', groups: ['engineers', 'dba'] });
    expect((await someone.backend.readPerson()).groups).toEqual(['engineers']);
    await enter('u-1');
    expect((await someone.backend.readPerson()).groups).toEqual(['engineers', 'dba']);
  });

  it('with thin ID tokens has name and groups from userinfo', async () => {
    await using thin = await startCompanyServer({ hasThinTokens: true });
    thin.accounts.set('u-3', { name: 'eve', groups: ['engineers'] });
    const identity = { devUsers: [], company: thin.settings, workloads: [] };
    await using jit = await startJitServer({ config: { identity } });
    thin.trust(`${jit.url}/login/callback`);
    const someone = await logInAtCompany(jit.url, 'u-3');
    expect(await someone.backend.readPerson()).toMatchObject({ name: 'eve', groups: ['engineers'] });
    expect(thin.asked.some((line) => line.endsWith(' /me'))).toBe(true);
  });

  it('changes the session id, and the one from before is good for nothing', async () => {
    const browser = createFormBrowser();
    const leaving = await open(browser);
    const before = browser.cookies.get('jit_session') ?? '';
    await passCompany(browser, leaving, 'u-1');
    expect(browser.cookies.get('jit_session')).not.toBe(before);
    const other = createFormBrowser();
    other.cookies.set('jit_session', before);
    expect((await open(other)).html).toContain('Logging in');
  });

  it('comes back to nothing in another browser, twice, or with a state that was touched', async () => {
    const browser = createFormBrowser();
    const leaving = await open(browser);
    let callback = '';
    const elsewhere = createFormBrowser();
    company.intercept = (path, response) => {
      if (path !== '/stop') return false;
      response.end();
      return true;
    };
    const victim = createFormBrowser();
    await open(victim);
    callback = `${server.url}/login/callback?code=x&iss=${company.issuer}&state=`;
    const state = readAddress(leaving).searchParams.get('state') ?? '';
    for (const [who, text] of [
      [elsewhere, state],
      [victim, state],
      [browser, touch(state)],
      [browser, ''],
      [browser, 'x'.repeat(100)],
      [browser, 'x'.repeat(5_000)],
    ] as const) {
      const page = await who.get(callback + text);
      expect([page.status, page.html.includes('not begun in this browser')]).toEqual([400, true]);
    }
    const done = await passCompany(browser, leaving, 'u-1');
    expect(done.status).toBe(200);
    expect((await browser.get(callback + state)).status).toBe(400);
    expect((await open(browser)).url).toBe(`${server.url}/device`);
  });

  it('may be refused there, or by an account that is disabled, and is begun again from the page', async () => {
    const [, denied] = await enter('nobody');
    expect([denied.status, denied.html.includes('said no')]).toEqual([403, true]);
    company.accounts.set('u-4', { name: 'mallory', claims: { active: false } });
    const [, disabled] = await enter('u-4');
    expect([disabled.status, disabled.html.includes('disabled')]).toEqual([403, true]);
    expect(disabled.html).toContain('href="/login?next=%2Fdevice');
  });

  it('waits for somebody who left and comes back until what they had is taken', async () => {
    await enter('u-1');
    const { store } = server.config;
    using file = new DatabaseSync(store.kind === 'sqlite' ? store.path : '');
    const later = Date.now() + 3_600_000;
    file.exec(`update people set left_at = ${later}, renewal = null where name = 'ada'`);
    const [, page] = await enter('u-1');
    expect([page.status, page.html.includes('still being taken away')]).toEqual([403, true]);
  });

  it('takes no more answers from one address to the company than there are logins', async () => {
    const browser = createFormBrowser();
    const state = readAddress(await open(browser)).searchParams.get('state') ?? '';
    company.asked.length = 0;
    const callback = `${server.url}/login/callback?code=x&iss=${company.issuer}&state=${state}`;
    // The limit is one of each minute, and a minute may end meanwhile.
    const statuses: number[] = [];
    while (statuses.at(-1) !== 429 && statuses.length <= 2 * LOGINS_PER_ADDRESS)
      statuses.push((await browser.get(callback)).status);
    expect([statuses.length > LOGINS_PER_ADDRESS, statuses.at(-1)]).toEqual([true, 429]);
    expect(company.asked.filter((line) => line.endsWith('/token'))).toHaveLength(statuses.length - 1);
    errors = 1;
  });

  it('OAU-03: leads on to paths of our own only', async () => {
    for (const next of ['//evil.example', 'https://evil.example/', '/\\evil.example', '/.//evil.example']) {
      const browser = createFormBrowser();
      const leaving = await browser.get(`${server.url}/login?next=${encodeURIComponent(next)}`);
      const page = await passCompany(browser, leaving, 'u-1');
      expect(new URL(page.url).href).toBe(`${server.url}/inbox`);
    }
  });
});
