import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createFormBrowser,
  type FormBrowser,
  type VisitedPage,
} from '../../../../src/adapters/form-browser.ts';
import { type CompanyServer, passCompany, startCompanyServer } from '../../../support/company/provider.ts';
import { startDevice } from '../../../support/device-client.ts';
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

describe('a younger or stronger login', () => {
  it('is asked of the company, and taken from nobody else', async () => {
    const [browser, page] = await enter('u-1', '&acr_values=mfa&max_age=900');
    expect(page.url).toBe(`${server.url}/device`);
    expect((await open(browser, '&acr_values=mfa&max_age=900')).url).toBe(`${server.url}/device`);
    const { searchParams } = readAddress(await open(browser, '&acr_values=hwk'));
    expect(searchParams.get('acr_values')).toBe('hwk');
  });

  it('that the company does not give is refused, and the session stays as it was', async () => {
    const [browser] = await enter('u-2');
    const page = await passCompany(browser, await open(browser, '&acr_values=mfa'), 'u-2');
    expect([page.status, page.html.includes('younger or stronger')]).toEqual([403, true]);
    expect((await open(browser)).url).toBe(`${server.url}/device`);
  });

  it('is not a login that the company calls young and that is old', async () => {
    const old = Math.floor(Date.now() / 1000) - 1_000;
    company.rewrite = (claims) => ({ ...claims, auth_time: old });
    const [, page] = await enter('u-1', '&max_age=900');
    expect(page.status).toBe(403);
    const [, unasked] = await enter('u-1');
    expect(unasked.status).toBe(200);
  });

  it('is nobody’s whose company does not say when they logged in', async () => {
    company.rewrite = ({ auth_time: _, ...claims }) => claims;
    expect((await enter('u-1', '&max_age=900'))[1].status).toBe(403);
    const [browser, page] = await enter('u-1');
    expect(page.status).toBe(200);
    expect((await open(browser, '&max_age=86400')).html).toContain('Logging in');
  });

  it('is demanded before a device code that was asked for with it is shown', async () => {
    const { userCode } = await startDevice(server.url, { acr_values: 'mfa', max_age: '900' });
    const [browser] = await enter('u-2');
    const form = await browser.get(`${server.url}/device?user_code=${userCode}`);
    const leaving = await browser.submit(form, {});
    expect(readAddress(leaving).searchParams.get('acr_values')).toBe('mfa');
    const refused = await passCompany(browser, leaving, 'u-2');
    expect(refused.status).toBe(403);
    const [other] = await enter('u-1');
    const again = await other.submit(await other.get(`${server.url}/device?user_code=${userCode}`), {});
    expect(again.html).toContain('log in as <strong>ada</strong>');
  });
});

describe('a company that is away', () => {
  it('does not stop the server, logs nobody in, is told of once, and works when it is back', async () => {
    const faults: ((path: string) => boolean)[] = [
      () => true,
      (path) => path === '/token',
      (path) => path === '/jwks',
    ];
    for (const isFault of faults) {
      company.intercept = (path, response) => {
        if (isFault(path)) response.writeHead(502).end('<html>bad gateway</html>');
        return isFault(path);
      };
      const browser = createFormBrowser();
      const first = await open(browser);
      const page = first.status === 503 ? first : await passCompany(browser, first, 'u-1');
      expect([page.status, page.html.includes('Nobody was logged in')]).toEqual([503, true]);
      expect((await open(browser)).url).toContain('/login');
    }
    errors = 1;
    company.intercept = () => false;
    // Keys that could not be read are tried again a second later.
    await expect.poll(async () => (await enter())[1].url).toBe(`${server.url}/device`);
  });

  it('may be away when the server starts, and back when somebody logs in', async () => {
    await using late = await startCompanyServer();
    late.accounts.set('u-1', { name: 'ada', groups: ['engineers'] });
    late.intercept = (_, response) => Boolean(response.socket?.destroy());
    const identity = { devUsers: [], company: late.settings, workloads: [] };
    await using jit = await startJitServer({ config: { identity } });
    late.trust(`${jit.url}/login/callback`);
    const browser = createFormBrowser();
    expect((await browser.get(`${jit.url}/login?next=/device`)).status).toBe(503);
    late.intercept = () => false;
    const leaving = await browser.get(`${jit.url}/login?next=/device`);
    expect((await passCompany(browser, leaving, 'u-1')).url).toBe(`${jit.url}/device`);
    expect(jit.errors).toEqual([expect.objectContaining({ code: 'provider_failed' })]);
  });
});
