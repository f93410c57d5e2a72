import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAddressReader } from '../../../../src/server/http/address.ts';
import { createAuthorizationServer } from '../../../../src/server/oauth/provider/authorization-server.ts';
import { createMemoryProtocolStore } from '../../../support/fakes/memory-protocol-store.ts';
import { createMovableClock } from '../../../support/fakes/movable-clock.ts';
import { TEST_SECRET } from '../../../support/oauth-server.ts';
import { openSigningKeys } from '../../../support/signing-keys.ts';

const URL_OF_PROXY = 'https://jit.example.com';
const errors: unknown[] = [];
const server = createServer();

beforeAll(async () => {
  const authorization = createAuthorizationServer({
    url: URL_OF_PROXY,
    installName: 'jit of the tests',
    protocol: createMemoryProtocolStore(),
    clock: createMovableClock(),
    identity: { find: async () => undefined },
    keys: await openSigningKeys(),
    cookieSecrets: () => [TEST_SECRET],
    login: { device: true, browser: true, sessionSeconds: 3600, idleSeconds: 3600 },
    readAddress: createAddressReader([]),
    onEvent: async () => undefined,
    onError: (error) => void errors.push(error),
  });
  server.on('request', authorization.callback);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const QUERY = new URLSearchParams({
  client_id: 'jit-cli',
  response_type: 'code',
  redirect_uri: 'http://127.0.0.1:50123/callback',
  scope: 'openid',
  code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  code_challenge_method: 'S256',
  state: 'state-1',
});

type Answer = { readonly status: number; readonly location: string; readonly cookies: readonly string[] };

/** What a proxy that ends TLS sends on: plain http, with the host that people typed. */
function ask(): Promise<Answer> {
  const { port } = server.address() as AddressInfo;
  const headers = { host: 'jit.example.com', accept: 'text/html' };
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: `/oauth/auth?${QUERY}`, headers }, (response) => {
      response.resume();
      const { location = '', 'set-cookie': cookies = [] } = response.headers;
      resolve({ status: response.statusCode ?? 0, location, cookies });
    })
      .on('error', reject)
      .end();
  });
}

describe('a server whose TLS ends at a proxy', () => {
  it('begins a login in the browser, with cookies for https only', async () => {
    const { status, location, cookies } = await ask();
    expect(errors).toEqual([]);
    expect([status, location]).toEqual([
      303,
      expect.stringMatching(/^\/oauth\/interaction\/|^https:\/\/jit\.example\.com\/oauth\/interaction\//),
    ]);
    expect(cookies.map((cookie) => cookie.split('=')[0])).toEqual([
      '__Secure-jit_interaction',
      '__Secure-jit_interaction.sig',
      '__Secure-jit_resume',
      '__Secure-jit_resume.sig',
    ]);
    for (const cookie of cookies) expect(cookie).toMatch(/; secure; httponly/i);
  });
});
