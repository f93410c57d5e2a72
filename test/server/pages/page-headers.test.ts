import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFormBrowser } from '../../../src/adapters/form-browser.ts';
import { openConfirmation, startDevice } from '../../support/device-client.ts';
import { type OAuthServer, startOAuthServer } from '../../support/oauth-server.ts';

let server: OAuthServer;

beforeEach(async () => {
  server = await startOAuthServer();
});

afterEach(async () => {
  expect(server.errors).toEqual([]);
  await server[Symbol.asyncDispose]();
});

describe('OAU-06: every page', () => {
  it('carries the headers, no script and no inline style', async () => {
    const { userCode } = await startDevice(server.url);
    const { browser, page } = await openConfirmation(server.url, userCode);
    const pages = [
      await browser.get(`${server.url}/device`),
      await browser.get(`${server.url}/device?user_code=${userCode}&as=other`),
      page,
      await browser.get(`${server.url}/device/approved`),
      await browser.post(`${server.url}/device`, {}),
    ];
    for (const { headers, html } of pages) {
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      );
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(html).not.toMatch(/<script|<style|\sstyle=|\son[a-z]+=/i);
    }
  });

  it('has its style sheet under a name that changes with it, to be kept for ever', async () => {
    const { html } = await createFormBrowser().get(`${server.url}/device`);
    const path = /href="(\/assets\/jit-[0-9a-f]{12}\.css)"/.exec(html)?.[1] ?? '';
    const response = await fetch(server.url + path);
    expect(response.headers.get('content-type')).toBe('text/css; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  });

  it('sets a cookie that scripts and other sites do not get', async () => {
    const response = await fetch(`${server.url}/device?user_code=BBBB-BBBB`);
    expect(response.headers.get('set-cookie')).toMatch(
      /^jit_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/,
    );
  });

  it('OAU-08: answers to its own Host only', async () => {
    const own = new URL(server.url).host;
    const statusFor = (host: string, path: string) =>
      new Promise((resolve, reject) => {
        const options = { headers: { host }, setHost: false };
        request(server.url + path, options, (response) => resolve(response.resume().statusCode))
          .on('error', reject)
          .end();
      });
    for (const path of ['/device', '/oauth/jwks', '/.well-known/oauth-authorization-server']) {
      expect(await statusFor(own, path)).toBe(200);
      for (const host of ['evil.example', 'localhost', `localhost:${new URL(server.url).port}`]) {
        expect([host, await statusFor(host, path)]).toEqual([host, 421]);
      }
      for (const malformed of [`${own}.evil.example`, `evil@${own}`, `${own}/`, '']) {
        expect([400, 421]).toContain(await statusFor(malformed, path));
      }
    }
  });
});
