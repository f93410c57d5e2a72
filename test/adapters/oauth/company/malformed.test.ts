import { createHmac } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createCompany } from '../../../../src/adapters/oauth/company/company.ts';
import { createOutgoing } from '../../../../src/adapters/outgoing/outgoing.ts';
import type { Company } from '../../../../src/core/ports/company.ts';
import { type CompanyServer, startCompanyServer } from '../../../support/company-provider.ts';

const CALLBACK = 'http://127.0.0.1:7420/login/callback';
const KEYS = { state: 's'.repeat(64), nonce: 'n'.repeat(43), codeVerifier: 'v'.repeat(43) };
const TIMEOUT_MS = 300;
const DISCOVERY = '/.well-known/openid-configuration';

type Claims = Record<string, unknown>;
/** What one path answers: a body of JSON, or anything at all. */
type Answer = { readonly status?: number; readonly type?: string; readonly body: string | Buffer | object };
type Act = (response: ServerResponse) => void;

let server: CompanyServer;
let metadata: Record<string, unknown>;
let jwks: { readonly keys: readonly Record<string, unknown>[] };

beforeAll(async () => {
  server = await startCompanyServer();
  metadata = (await (await fetch(server.issuer + DISCOVERY)).json()) as typeof metadata;
  jwks = (await (await fetch(`${server.issuer}/jwks`)).json()) as typeof jwks;
});

afterAll(() => server[Symbol.asyncDispose]());

let answers: Map<string, Answer | Act>;

beforeEach(() => {
  answers = new Map();
  server.intercept = (path, response) => {
    const answer = answers.get(path);
    if (answer === undefined) return false;
    if (typeof answer === 'function') answer(response);
    else send(response, answer);
    return true;
  };
});

function send(response: ServerResponse, { status = 200, type = 'application/json', body }: Answer): void {
  const isText = typeof body === 'string' || Buffer.isBuffer(body);
  response.writeHead(status, { 'content-type': type }).end(isText ? body : JSON.stringify(body));
}

function openCompany(): Company {
  return createCompany({
    provider: server.settings,
    sessionSeconds: 43_200,
    clock: { now: () => Date.now() },
    createOutgoing: (urls) =>
      createOutgoing({ urls, allow: [], timeoutMs: TIMEOUT_MS, maxBodyBytes: 100_000 }),
  });
}

function buildClaims(): Claims {
  const now = Math.floor(Date.now() / 1000);
  return {
    iss: server.issuer,
    sub: 'u-1',
    aud: 'jit',
    iat: now,
    exp: now + 300,
    auth_time: now,
    nonce: KEYS.nonce,
    preferred_username: 'ada',
    groups: ['engineers'],
  };
}

async function answerWithToken(change: Claims = {}, rest: Claims = {}): Promise<void> {
  const claims = Object.fromEntries(
    Object.entries({ ...buildClaims(), ...change }).filter(([, value]) => value !== undefined),
  );
  const body = { access_token: 'at', token_type: 'Bearer', id_token: await server.sign(claims), ...rest };
  answers.set('/token', { body });
}

const finish = (change: Claims = {}) => {
  const query = new URLSearchParams({ code: 'c', state: KEYS.state, iss: server.issuer });
  for (const [name, value] of Object.entries(change)) {
    if (value === undefined) query.delete(name);
    else query.set(name, String(value));
  }
  return openCompany().finish({ address: `${CALLBACK}?${query}`, keys: KEYS, demand: null });
};

const FAILS = expect.objectContaining({ code: 'provider_failed' });

/** Broken in every way that does not depend on what is asked. */
const BROKEN: readonly (readonly [string, Answer | Act])[] = [
  ['nothing', { body: '' }],
  ['HTML', { type: 'text/html', body: '<!doctype html><title>Maintenance</title>' }],
  ['HTML that says it is JSON', { body: '<html>' }],
  ['half a document', { body: '{"issuer": "ht' }],
  ['null', { body: 'null' }],
  ['a list', { body: '[]' }],
  ['a number', { body: '7' }],
  ['a text', { body: '"well"' }],
  ['an empty object', { body: {} }],
  ['bytes that are no UTF-8', { body: Buffer.from([0x7b, 0xff, 0xfe, 0x7d]) }],
  ['a document that is too large', { body: `{"x": "${'x'.repeat(150_000)}"}` }],
  ['a document nested very deep', { body: '['.repeat(40_000) }],
  ['a prototype', { body: '{"__proto__": {"issuer": "x", "access_token": "x", "keys": []}}' }],
  ['a redirect', (response) => response.writeHead(302, { location: '/elsewhere' }).end()],
  ['an error of its own', { status: 500, body: { error: 'server_error' } }],
  ['a status without a body', { status: 204, body: '' }],
  ['not found', { status: 404, type: 'text/plain', body: 'not found' }],
  ['a teapot', { status: 418, body: {} }],
  ['packed bytes', (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('x')],
  ['a closed connection', (response) => response.socket?.destroy()],
  [
    'half a body',
    (response) => {
      response.writeHead(200, { 'content-length': '99' }).write('{');
      response.socket?.end();
    },
  ],
  ['silence', () => undefined],
  [
    'a body that never ends',
    (response) => {
      response.writeHead(200).write('{');
    },
  ],
];

describe('INP-04: a malformed answer of the company logs nobody in', () => {
  it('while a good one does', async () => {
    await answerWithToken();
    expect((await finish()).principal).toEqual({
      subject: 'oidc:u-1',
      name: 'ada',
      kind: 'person',
      groups: ['engineers'],
      person: 'oidc:u-1',
    });
  });

  for (const [what, path] of [
    ['metadata', DISCOVERY],
    ['tokens', '/token'],
    ['keys', '/jwks'],
  ] as const) {
    it.each(BROKEN)(`${what}: %s`, async (_, answer) => {
      await answerWithToken();
      answers.set(path, answer);
      await expect(finish()).rejects.toEqual(FAILS);
    });
  }

  it.each(BROKEN)('userinfo: %s', async (_, answer) => {
    await answerWithToken({ groups: undefined });
    answers.set('/me', answer);
    await expect(finish()).rejects.toEqual(FAILS);
  });

  it.each<[string, Claims]>([
    ['another issuer', { issuer: 'https://evil.example' }],
    ['an issuer with a slash more', { issuer: 'SELF/' }],
    ['no issuer', { issuer: undefined }],
    ['an issuer that is a list', { issuer: ['SELF'] }],
    ['no token endpoint', { token_endpoint: undefined }],
    ['no keys', { jwks_uri: undefined }],
    ['no authorization endpoint', { authorization_endpoint: undefined }],
    ['an endpoint that is a number', { token_endpoint: 7 }],
    ['an endpoint without an origin', { token_endpoint: '/token' }],
    ['an endpoint that is script', { authorization_endpoint: 'javascript:alert(1)' }],
    ['an endpoint that is a file', { jwks_uri: 'file:///etc/passwd' }],
    ['plain http elsewhere', { token_endpoint: 'http://login.example.com/token' }],
    ['an endpoint with a password', { token_endpoint: 'http://me:pw@127.0.0.1/token' }],
    ['an endpoint with a fragment', { token_endpoint: 'http://127.0.0.1/token#x' }],
    ['metadata of a cloud', { token_endpoint: 'https://169.254.169.254/token' }],
    ['a private address', { jwks_uri: 'https://10.0.0.7/jwks' }],
    ['a userinfo endpoint that is none', { userinfo_endpoint: 'nowhere' }],
  ])('metadata with %s', async (_, change) => {
    await answerWithToken();
    const issuer = change.issuer === 'SELF/' ? { issuer: `${server.issuer}/` } : {};
    const list = Array.isArray(change.issuer) ? { issuer: [server.issuer] } : {};
    answers.set(DISCOVERY, { body: { ...metadata, ...change, ...issuer, ...list } });
    await expect(finish()).rejects.toEqual(FAILS);
  });

  it.each<[string, Claims]>([
    ['no access token', { access_token: undefined }],
    ['an access token that is a number', { access_token: 7 }],
    ['no token type', { token_type: undefined }],
    ['a token type that is none', { token_type: 'mac' }],
    ['no ID token', { id_token: undefined }],
    ['an empty ID token', { id_token: '' }],
    ['an ID token that is an object', { id_token: {} }],
    ['an ID token of two parts', { id_token: 'e30.e30' }],
    ['an ID token of five parts', { id_token: 'a.b.c.d.e' }],
    ['an ID token that is no base64', { id_token: '%.%.%' }],
    ['an ID token that is too large', { id_token: `e30.${'x'.repeat(70_000)}.x` }],
    ['a refresh token that is a list', { refresh_token: ['rt'] }],
    ['a lifetime that is none', { expires_in: 'soon' }],
    ['a scope that is a list', { scope: ['openid'] }],
    ['an error beside it', { error: 'invalid_grant', access_token: undefined }],
  ])('tokens with %s', async (_, change) => {
    await answerWithToken({}, change);
    await expect(finish()).rejects.toEqual(FAILS);
  });

  it.each<[string, unknown]>([
    ['no list', { keys: 'none' }],
    ['an empty list', { keys: [] }],
    ['things that are no keys', { keys: [1, null, 'x'] }],
    ['a key of another kind', { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] }],
    ['a key without numbers', { keys: [{ kty: 'RSA', alg: 'RS256' }] }],
    ['more keys than anybody has', { keys: Array.from({ length: 101 }, () => ({ kty: 'RSA' })) }],
  ])('keys with %s', async (_, body) => {
    await answerWithToken();
    answers.set('/jwks', { body: body as object });
    await expect(finish()).rejects.toEqual(FAILS);
  });

  const past = Math.floor(Date.now() / 1000) - 3_600;
  it.each<[string, Claims]>([
    ['another issuer', { iss: 'https://evil.example' }],
    ['no issuer', { iss: undefined }],
    ['another audience', { aud: 'other' }],
    ['an audience that contains ours', { aud: 'jit2' }],
    ['no audience', { aud: undefined }],
    ['audiences without a party', { aud: ['jit', 'other'] }],
    ['another party', { azp: 'other' }],
    ['an end in the past', { exp: past }],
    ['an end 61 s ago', { exp: Math.floor(Date.now() / 1000) - 61 }],
    ['no end', { exp: undefined }],
    ['an end that is a text', { exp: '9999999999' }],
    ['no beginning', { iat: undefined }],
    ['a beginning in the future', { iat: past + 7_200 }],
    ['not yet', { nbf: past + 7_200 }],
    ['no nonce', { nonce: undefined }],
    ['another nonce', { nonce: 'x'.repeat(43) }],
    ['a nonce that is a list', { nonce: [KEYS.nonce] }],
    ['no subject', { sub: undefined }],
    ['an empty subject', { sub: '' }],
    ['a subject that is a number', { sub: 7 }],
    ['a subject of 256 characters', { sub: 'x'.repeat(256) }],
    ['a subject with a space', { sub: 'u 1' }],
    ['a login time that is a text', { auth_time: 'now' }],
    ['a login time before time', { auth_time: -1 }],
    ['a login older than a session may be', { auth_time: past - 43_200 }],
    ['a strength that is an object', { acr: {} }],
    ['strengths that are a text', { amr: 'mfa' }],
    ['strengths that are numbers', { amr: [1] }],
    ['no name', { preferred_username: '' }],
    ['a name that is a list', { preferred_username: ['ada'] }],
    ['a name that turns the text round', { preferred_username: 'ada\u202e' }],
    ['a name of 257 characters', { preferred_username: 'x'.repeat(257) }],
    ['groups that are a text', { groups: 'engineers' }],
    ['groups that are an object', { groups: { admins: true } }],
    ['groups that are numbers', { groups: [1] }],
    ['a group that is null', { groups: ['engineers', null] }],
    ['an empty group', { groups: [''] }],
    ['a group of 257 characters', { groups: ['x'.repeat(257)] }],
    ['1,001 groups', { groups: Array.from({ length: 1_001 }, (__, index) => `g${index}`) }],
    ['an "active" that is a text', { active: 'false' }],
  ])('an ID token with %s', async (_, change) => {
    answers.set('/me', { body: { sub: 'u-1', preferred_username: 'ada' } });
    await answerWithToken(change);
    await expect(finish()).rejects.toEqual(FAILS);
  });

  it.each<[string, (token: string) => string]>([
    ['no signature', (token) => `${token.split('.').slice(0, 2).join('.')}.`],
    ['a signature cut short', (token) => token.slice(0, -4)],
    ['alg none', (token) => reheaded(token, { alg: 'none' }, () => '')],
    ['HMAC under the client secret', (token) => reheaded(token, { alg: 'HS256' }, hmac)],
    ['a key in its header', (token) => reheaded(token, { alg: 'RS256', jwk: jwks.keys[0] }, () => 'AAAA')],
    ['a kid that is a path', (token) => reheaded(token, { alg: 'RS256', kid: '../../x' }, () => 'AAAA')],
    [
      'an extension that must be understood',
      (token) => reheaded(token, { alg: 'RS256', crit: ['b64'] }, () => 'AAAA'),
    ],
    ['trailing bytes', (token) => `${token}AAAA`],
  ])('an ID token with %s', async (_, change) => {
    const token = await server.sign(buildClaims());
    answers.set('/token', { body: { access_token: 'at', token_type: 'Bearer', id_token: change(token) } });
    await expect(finish()).rejects.toEqual(FAILS);
  });

  it.each<[string, Claims]>([
    ['no state', { state: undefined }],
    ['another state', { state: 'x'.repeat(64) }],
    ['no issuer, though the provider says it names itself (RFC 9207)', { iss: undefined }],
    ['another issuer (RFC 9207)', { iss: 'https://evil.example' }],
    ['no code', { code: undefined }],
    ['tokens in its address', { id_token: 'x' }],
    ['a signed response that was not asked for', { response: 'a.b.c' }],
  ])('an address with %s', async (_, change) => {
    await answerWithToken();
    await expect(finish(change)).rejects.toEqual(FAILS);
  });

  it('and none of their errors holds a token or a secret', async () => {
    await answerWithToken({ aud: 'other' }, { access_token: 'the-access-token' });
    const error: unknown = await finish().catch((reason: unknown) => reason);
    const chain: unknown[] = [];
    for (let item = error; item instanceof Error; item = item.cause)
      chain.push(item.message, JSON.stringify(item));
    expect(chain.join(' ')).not.toMatch(/the-access-token|eyJ|a secret/);
  });
});

function reheaded(token: string, header: object, signWith: (input: string) => string): string {
  const input = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${token.split('.')[1]}`;
  return `${input}.${signWith(input)}`;
}

function hmac(input: string): string {
  return createHmac('sha256', server.settings.clientSecret.reveal()).update(input).digest('base64url');
}
