import { allowInsecureRequests, discovery, None } from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEVICE_GRANT } from '../../../support/device-client.ts';
import { type OAuthServer, startOAuthServer } from '../../../support/oauth-server.ts';

let server: OAuthServer;

beforeAll(async () => {
  server = await startOAuthServer();
});

afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server[Symbol.asyncDispose]();
});

const GOOD = {
  client_id: 'jit-cli',
  response_type: 'code',
  redirect_uri: 'http://127.0.0.1:50123/callback',
  scope: 'openid',
  code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  code_challenge_method: 'S256',
  state: 'state-1',
};

async function authorize(changes: Readonly<Record<string, string | undefined>>) {
  const url = new URL('/oauth/auth', server.url);
  for (const [name, value] of Object.entries({ ...GOOD, ...changes })) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  const response = await fetch(url, { redirect: 'manual', headers: { accept: 'text/html' } });
  const location = response.headers.get('location');
  return { response, target: location === null ? null : new URL(location, server.url) };
}

describe('the authorization endpoint', () => {
  it('OAU-01: refuses a request without PKCE', async () => {
    const { target } = await authorize({ code_challenge: undefined, code_challenge_method: undefined });
    expect(target?.searchParams.get('error')).toBe('invalid_request');
  });

  it('OAU-01: refuses the method plain, also when it is only implied', async () => {
    for (const method of ['plain', undefined]) {
      const { target } = await authorize({ code_challenge_method: method });
      expect(target?.searchParams.get('error')).toBe('invalid_request');
    }
  });

  it('OAU-02: takes the loopback redirect on any port', async () => {
    for (const port of [1024, 65535]) {
      const { target } = await authorize({ redirect_uri: `http://127.0.0.1:${port}/callback` });
      expect(target?.pathname).toMatch(/^\/oauth\/interaction\//);
    }
  });

  it.each([
    'http://127.0.0.1:50123/callback/',
    'http://127.0.0.1:50123/callback?x=1',
    'http://127.0.0.1:50123/other',
    'http://localhost:50123/callback',
    'https://127.0.0.1:50123/callback',
    'http://127.0.0.1.example.com/callback',
    'http://user@127.0.0.1/callback',
    'https://evil.example/callback',
  ])('OAU-02, OAU-03: never redirects to %s', async (redirectUri) => {
    const { response, target } = await authorize({ redirect_uri: redirectUri });
    expect([response.status, target]).toEqual([400, null]);
  });

  it('OAU-06: shows its errors on a page of ours', async () => {
    const { response } = await authorize({ redirect_uri: 'https://evil.example/' });
    expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    const html = await response.text();
    expect(html).toContain('This did not work');
    expect(html).not.toMatch(/<script|<style|style=/);
  });

  it('OAU-07: is the only way in when device login is off', async () => {
    const login = { device: false, browser: true, sessionSeconds: 60, idleSeconds: 60 };
    await using other = await startOAuthServer({ login });
    const { status } = await fetch(`${other.url}/oauth/device`, { method: 'POST' });
    expect(status).toBe(404);
    const metadata = await (await fetch(`${other.url}/.well-known/oauth-authorization-server`)).json();
    expect(metadata).not.toHaveProperty('device_authorization_endpoint');
    expect(metadata).toMatchObject({ grant_types_supported: ['authorization_code', 'refresh_token'] });
  });

  it('OAU-07: has no code for a client when browser login is off', async () => {
    const login = { device: true, browser: false, sessionSeconds: 60, idleSeconds: 60 };
    await using other = await startOAuthServer({ login });
    const url = `${other.url}/oauth/auth?${new URLSearchParams(GOOD)}`;
    const response = await fetch(url, { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([404, null]);
    const metadata = await (await fetch(`${other.url}/.well-known/oauth-authorization-server`)).json();
    expect(metadata).not.toHaveProperty('authorization_endpoint');
    expect(metadata).toMatchObject({
      response_types_supported: [],
      grant_types_supported: [DEVICE_GRANT, 'refresh_token'],
    });
  });
});

describe('the metadata', () => {
  it('TOK-07: is the same at both places, for exactly the issuer that the url is', async () => {
    const places = ['openid-configuration', 'oauth-authorization-server'];
    const documents = await Promise.all(
      places.map(async (place) => (await fetch(`${server.url}/.well-known/${place}`)).json()),
    );
    expect(documents[0]).toEqual(documents[1]);
    expect(documents[0]).toMatchObject({
      issuer: server.url,
      token_endpoint: `${server.url}/oauth/token`,
      device_authorization_endpoint: `${server.url}/oauth/device`,
      introspection_endpoint: `${server.url}/oauth/introspect`,
      revocation_endpoint: `${server.url}/oauth/revoke`,
      code_challenge_methods_supported: ['S256'],
      dpop_signing_alg_values_supported: ['ES256', 'EdDSA', 'Ed25519'],
    });
    expect(documents[0]).not.toHaveProperty('end_session_endpoint');
    expect(documents[0]).not.toHaveProperty('userinfo_endpoint');
  });

  it('TOK-07: is refused by a client that came for another issuer', async () => {
    const elsewhere = new URL(server.url.replace('127.0.0.1', 'localhost'));
    const asIfThere = discovery(elsewhere, 'jit-cli', {}, None(), {
      execute: [allowInsecureRequests],
      [(await import('openid-client')).customFetch]: (url, options) =>
        fetch(String(url).replace('localhost', '127.0.0.1'), options as RequestInit),
    });
    await expect(asIfThere).rejects.toThrow();
  });

  it('names /v1 as a protected resource, and publishes public keys only', async () => {
    const resource = await (await fetch(`${server.url}/.well-known/oauth-protected-resource/v1`)).json();
    expect(resource).toMatchObject({
      resource: `${server.url}/v1`,
      authorization_servers: [server.url],
      dpop_bound_access_tokens_required: true,
    });
    const response = await fetch(`${server.url}/oauth/jwks`);
    const jwks = (await response.json()) as { readonly keys: readonly unknown[] };
    expect(jwks.keys).toHaveLength(1);
    expect(jwks.keys[0]).toMatchObject({ kty: 'EC', crv: 'P-256', kid: server.keys.currentId });
    expect(jwks.keys[0]).not.toHaveProperty('d');
  });

  it.each([['/oauth/session'], ['/oauth/session/end'], ['/oauth/me'], ['/oauth/request'], ['/oauth/reg']])(
    'nothing of the provider answers at %s',
    async (path) => {
      expect((await fetch(server.url + path)).status).toBe(404);
      expect((await fetch(server.url + path, { method: 'POST' })).status).toBe(404);
    },
  );
});
