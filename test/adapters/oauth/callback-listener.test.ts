import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  answer,
  beginBrowserLogin,
  buildCallback,
  codeOf,
} from '../../support/browsers/browser-login-client.ts';
import { type OAuthServer, startOAuthServer } from '../../support/oauth-server.ts';

let server: OAuthServer;
beforeEach(async () => {
  server = await startOAuthServer();
});
afterEach(async () => {
  expect(server.errors).toEqual([]);
  await server[Symbol.asyncDispose]();
});

describe('what else calls the port of a login', () => {
  it.each([
    ['another state', { state: 'x'.repeat(43) }],
    ['no state', { state: '' }],
    ['a denial of its own', { state: 'guess', error: 'access_denied' }],
  ])('%s changes nothing: the login goes on', async (_name, changes) => {
    const { address, ended } = await beginBrowserLogin(server.url);
    const hostile = await fetch(buildCallback(address, changes));
    expect(hostile.status).toBe(400);
    expect(await hostile.text()).toContain('This is not the login that jit began');
    await answer(address, 'approve');
    expect(codeOf(await ended)).toBe('logged in');
  });

  it('another path, method or host finds nothing', async () => {
    const { address, ended, stop } = await beginBrowserLogin(server.url);
    const good = buildCallback(address);
    const statuses = [
      await fetch(new URL('/favicon.ico', good)),
      await fetch(new URL(`/callback/${good.search}`, good)),
      await fetch(good, { method: 'POST' }),
      await fetch(good, { method: 'HEAD' }),
    ].map((response) => response.status);
    expect(statuses).toEqual([404, 404, 404, 404]);
    expect(await askAs(good, 'rebound.example')).toBe(404);
    stop();
    expect(codeOf(await ended)).toBe('interrupted');
  });

  it('a state that is there twice is nobody’s', async () => {
    const { address, ended, stop } = await beginBrowserLogin(server.url);
    const url = buildCallback(address);
    url.searchParams.append('state', url.searchParams.get('state') ?? '');
    expect((await fetch(url)).status).toBe(400);
    stop();
    await ended;
  });

  it('RFC 9207: an answer in the name of another issuer ends it, and no code is sent anywhere', async () => {
    for (const iss of ['https://evil.example', `${server.url}/`, '']) {
      const { address, ended } = await beginBrowserLogin(server.url);
      const page = await fetch(buildCallback(address, { iss }));
      expect(await page.text()).toContain('The login did not work');
      expect(codeOf(await ended)).toBe('bad_answer');
    }
  });

  it('RFC 9207: an answer without an issuer ends it, also where the server never promised to name one', async () => {
    const answered = await fetch(`${server.url}/.well-known/oauth-authorization-server`);
    const { authorization_response_iss_parameter_supported: _, ...metadata } =
      (await answered.json()) as Readonly<Record<string, unknown>>;
    const metadataCache = { read: async () => JSON.stringify(metadata), write: async () => undefined };
    const { address, ended } = await beginBrowserLogin(server.url, { metadataCache });
    const url = buildCallback(address);
    url.searchParams.delete('iss');
    await fetch(url);
    expect(codeOf(await ended)).toBe('bad_answer');
  });

  it('a code that the server did not give ends it', async () => {
    const { address, ended } = await beginBrowserLogin(server.url);
    await fetch(buildCallback(address));
    expect(codeOf(await ended)).toBe('failed');
  });

  it('a second call of the same answer is not taken', async () => {
    const { address, ended } = await beginBrowserLogin(server.url);
    const url = buildCallback(address);
    const pages = await Promise.all([fetch(url), fetch(url)].map(async (call) => (await call).status));
    expect(pages.sort()).toEqual([200, 400]);
    await ended;
  });
});

describe('a login in the browser that nobody ends', () => {
  it('expires after ten minutes, and closes its port', async () => {
    const { address, ended, clock } = await beginBrowserLogin(server.url);
    await clock.advance(599_000);
    expect((await fetch(buildCallback(address, { state: 'x' }))).status).toBe(400);
    await clock.advance(1_000);
    expect(codeOf(await ended)).toBe('login_expired');
    await expect(fetch(buildCallback(address))).rejects.toThrow();
  });

  it('is over at once when it is interrupted, and closes its port', async () => {
    const { address, ended, stop } = await beginBrowserLogin(server.url);
    stop();
    expect(codeOf(await ended)).toBe('interrupted');
    await expect
      .poll(() =>
        fetch(buildCallback(address)).then(
          () => 'open',
          () => 'closed',
        ),
      )
      .toBe('closed');
  });
});

function askAs(url: URL, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}
