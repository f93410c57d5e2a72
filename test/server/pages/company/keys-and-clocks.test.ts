import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFormBrowser, type VisitedPage } from '../../../../src/adapters/form-browser.ts';
import { KEYS_COOLDOWN_SECONDS, KEYS_KEPT_SECONDS } from '../../../../src/core/kept-keys.ts';
import { COMPANY_CLOCK_SECONDS } from '../../../../src/core/limits.ts';
import { type CompanyServer, passCompany, startCompanyServer } from '../../../support/company/provider.ts';
import { type JitServer, startJitServer } from '../../../support/programs/jit-server.ts';

/** Ahead of this machine's own time, so that only the server's clock judges. */
const AHEAD_MS = 1_800_000;
/** How long an ID token of the company is good. */
const TOKEN_SECONDS = 300;

let company: CompanyServer;
let server: JitServer;
/** What the server's clock says; it stands, so that how slow this machine is changes nothing. */
let nowMs: number;

beforeEach(async () => {
  nowMs = Math.floor(Date.now() / 1_000) * 1_000 + AHEAD_MS;
  company = await startCompanyServer();
  company.accounts.set('u-1', { name: 'ada', groups: ['engineers'] });
  const identity = { devUsers: [], company: company.settings, workloads: [] };
  server = await startJitServer({
    config: { identity },
    decorate: {
      store: (store) => store,
      connector: (connector) => connector,
      clock: (clock) => ({ ...clock, now: () => nowMs }),
    },
  });
  company.trust(`${server.url}/login/callback`);
  setCompanyClock(0);
});

afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await company[Symbol.asyncDispose]();
});

/** The company's clock is so much later than the server's. */
function setCompanyClock(laterSeconds: number): void {
  company.rewrite = (claims) => {
    const at = nowMs / 1_000 + laterSeconds;
    return { ...claims, iat: at, auth_time: at, exp: at + TOKEN_SECONDS };
  };
}

async function logIn(): Promise<VisitedPage> {
  const browser = createFormBrowser();
  return passCompany(browser, await browser.get(`${server.url}/login?next=/device`), 'u-1');
}

async function expectLoggedIn(): Promise<void> {
  const page = await logIn();
  expect([page.status, new URL(page.url).pathname]).toEqual([200, '/device']);
}

async function expectRefused(why: string): Promise<void> {
  const before = server.errors.length;
  const page = await logIn();
  expect([page.status, new URL(page.url).pathname]).toEqual([503, '/login/callback']);
  expect(page.html).not.toContain('ada');
  expect(server.errors.slice(before)).toEqual([
    expect.objectContaining({ code: 'provider_failed', message: expect.stringContaining(why) }),
  ]);
}

const wait = (seconds: number) => {
  nowMs += seconds * 1_000;
};
const readKeyFetches = () => company.asked.filter((line) => line === 'GET /jwks').length;

describe('a company that changes its keys', () => {
  it('lets people log in before and after, and the old key is good for nothing', async () => {
    await expectLoggedIn();
    wait(KEYS_COOLDOWN_SECONDS);
    const signWithOld = company.rotateKeys();
    await expectLoggedIn();
    expect(readKeyFetches()).toBe(2);
    const { rewrite } = company;
    company.rewrite = async (claims) => signWithOld(Object(await rewrite(claims)));
    await expectRefused('signed by a key that it does not publish');
    company.rewrite = rewrite;
    await expectLoggedIn();
    expect(readKeyFetches()).toBe(2);
  });

  it('and of which nobody has seen a new key yet: the old one is good for an hour after it was read, no longer', async () => {
    await expectLoggedIn();
    const signWithOld = company.rotateKeys();
    const { rewrite } = company;
    company.rewrite = async (claims) => signWithOld(Object(await rewrite(claims)));
    wait(KEYS_KEPT_SECONDS - 1);
    await expectLoggedIn();
    wait(1);
    await expectRefused('signed by a key that it does not publish');
  });
});

describe('a company whose clock differs', () => {
  it.each([-COMPANY_CLOCK_SECONDS, COMPANY_CLOCK_SECONDS])('by %i s lets people log in', async (seconds) => {
    setCompanyClock(seconds);
    await expectLoggedIn();
  });

  it('by more, and is ahead, is not believed', async () => {
    setCompanyClock(COMPANY_CLOCK_SECONDS + 2);
    await expectRefused('from the future');
  });

  it('and is behind is believed for as long as its ID tokens live, and the tolerance', async () => {
    setCompanyClock(1 - TOKEN_SECONDS - COMPANY_CLOCK_SECONDS);
    await expectLoggedIn();
    setCompanyClock(-TOKEN_SECONDS - COMPANY_CLOCK_SECONDS);
    await expectRefused('has expired, or the clocks differ');
  });
});
