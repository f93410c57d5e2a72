import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEvents } from '../../support/events.ts';
import { confirmLogin, type JitServer, startJitServer } from '../../support/programs/jit-server.ts';
import { projectRoot } from '../../support/sources/imports.ts';
import { description } from '../../support/sources/openapi.ts';

/** A program that knows docs/protocol.md and nothing else. */
type Program = {
  readonly call: (
    method: 'GET' | 'POST',
    path: string,
    body?: unknown,
    headers?: object,
  ) => Promise<Response>;
  readonly refresh: () => Promise<void>;
  readonly leave: () => Promise<Response>;
};

type Tokens = { readonly access_token: string; readonly refresh_token: string };
type Asked = { readonly request: { readonly id: string; readonly digest: string } };
type Claimed = { readonly token: string; readonly grant: { readonly id: string } };

async function read<T>(answer: Promise<Response>): Promise<T> {
  return (await (await answer).json()) as T;
}

let server: JitServer;

beforeAll(async () => {
  server = await startJitServer();
});
afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server[Symbol.asyncDispose]();
});

async function logIn(user: string): Promise<Program> {
  const { url } = server;
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  const prove = (method: string, address: string, token?: string): string => {
    const header = { typ: 'dpop+jwt', alg: 'ES256', jwk: publicKey.export({ format: 'jwk' }) };
    const ath = token && createHash('sha256').update(token).digest('base64url');
    const iat = Math.floor(Date.now() / 1000);
    const claims = {
      jti: randomUUID(),
      htm: method,
      htu: address.split('?')[0],
      iat,
      ...(ath ? { ath } : {}),
    };
    const input = `${encode(header)}.${encode(claims)}`;
    const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
    return `${input}.${signature.toString('base64url')}`;
  };
  const metadata = await read<Record<string, string>>(fetch(`${url}/.well-known/oauth-authorization-server`));
  const post = (name: string, fields: Record<string, string>): Promise<Response> => {
    const endpoint = metadata[name] ?? expect.fail(`there is no ${name}`);
    const body = new URLSearchParams({ client_id: 'jit-cli', ...fields });
    return fetch(endpoint, { method: 'POST', headers: { dpop: prove('POST', endpoint) }, body });
  };
  const scope = 'openid offline_access';
  const device = await read<Record<'user_code' | 'device_code', string>>(
    post('device_authorization_endpoint', { scope, jit_host: 'laptop' }),
  );
  await confirmLogin(url, device.user_code, { user });
  const grant_type = 'urn:ietf:params:oauth:grant-type:device_code';
  const { device_code } = device;
  let tokens = await read<Tokens>(post('token_endpoint', { grant_type, device_code }));
  return {
    call: (method, path, body, headers = {}) =>
      fetch(url + path, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        headers: {
          ...headers,
          authorization: `DPoP ${tokens.access_token}`,
          dpop: prove(method, url + path, tokens.access_token),
        },
      }),
    refresh: async () => {
      const { refresh_token } = tokens;
      const next = post('token_endpoint', { grant_type: 'refresh_token', refresh_token });
      tokens = await read<Tokens>(next);
      expect(tokens.refresh_token).toBe(refresh_token);
    },
    leave: () => post('revocation_endpoint', { token: tokens.refresh_token }),
  };
}

describe('docs/protocol.md', () => {
  it('names no path that is not described, and every path that is', () => {
    const text = readFileSync(join(projectRoot, 'docs/protocol.md'), 'utf8');
    const named = [...text.matchAll(/(GET|POST) (\/v1\/[\w/….-]+)/g)].map(
      ([, method, path]) =>
        `${method} ${(path ?? '')
          .replace(/(req_|gr_)…/, '{id}')
          .replace('targets/…', 'targets/{name}')
          .replace(/\.$/, '')}`,
    );
    const paths = description.paths as Readonly<Record<string, object>>;
    const described = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(named.filter((operation) => !described.includes(operation))).toEqual([]);
    const told = new Set([...named, 'GET /v1/status', 'GET /v1/history', 'GET /v1/grants/{id}']);
    expect(described.filter((operation) => !told.has(operation))).toEqual([]);
  });

  it('is all that a program needs, from the login to giving back', async () => {
    const [dev, lead] = [await logIn('dev'), await logIn('dba-lead')];
    expect(await (await dev.call('GET', '/v1/me')).json()).toMatchObject({ name: 'dev', kind: 'person' });
    await dev.refresh();

    const stream = readEvents(await dev.call('GET', '/v1/events'));
    await stream.opened;
    const asked = {
      scopes: ['prod:api.read'],
      target: 'orders-api',
      duration_seconds: 900,
      reason: 'INC-4211: wrong prices',
    };
    const key = { 'idempotency-key': randomUUID() };
    const first = await read<Asked>(dev.call('POST', '/v1/requests', asked, key));
    const again = await read<Asked>(dev.call('POST', '/v1/requests', asked, key));
    expect(again.request.id).toBe(first.request.id);
    expect(first).toMatchObject({ request: { state: 'claimed' }, claimed: { grant: { state: 'active' } } });
    const { id } = first.request;
    const claimed = await read<Claimed>(dev.call('POST', `/v1/requests/${id}/claim`));
    expect(claimed.token.split('.')).toHaveLength(3);

    const refused = await lead.call('POST', `/v1/requests/${id}/approve`, { digest: first.request.digest });
    expect(refused.headers.get('content-type')).toBe('application/problem+json');
    expect(await refused.json()).toMatchObject({ status: refused.status, code: expect.any(String) });
    expect((await lead.call('GET', '/v1/inbox')).status).toBe(200);

    const given = { because: 'done', wait_seconds: 10 };
    const revoked = await read(dev.call('POST', `/v1/grants/${claimed.grant.id}/revoke`, given));
    expect(revoked).toMatchObject({ grant: { state: 'ended', revocation: { confirmed: true } } });
    expect((await stream.take(1))[0]).toMatchObject({ event: 'change', data: { request_id: id } });
    expect((await dev.leave()).status).toBe(200);
    await stream.ended;
    expect(await (await dev.call('GET', '/v1/me')).json()).toMatchObject({ code: 'session_expired' });
  });
});
