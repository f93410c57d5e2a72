import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BROKEN } from '../../../support/broken-answers.ts';
import {
  type AnsweringCompany,
  type Claims,
  openAnsweringCompany,
} from '../../../support/company/answering-company.ts';

const DISCOVERY = '/.well-known/openid-configuration';

let company: AnsweringCompany;
let metadata: Claims;

beforeAll(async () => {
  company = await openAnsweringCompany();
  metadata = (await (await fetch(company.server.issuer + DISCOVERY)).json()) as Claims;
});

beforeEach(() => company.answers.clear());

afterAll(() => company[Symbol.asyncDispose]());

const FAILS = expect.objectContaining({ code: 'provider_failed' });

describe('INP-04: a malformed answer of the company logs nobody in', () => {
  it('while a good one does', async () => {
    await company.answerWithToken();
    expect((await company.finish()).principal).toEqual({
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
      await company.answerWithToken();
      company.answers.set(path, answer);
      await expect(company.finish()).rejects.toEqual(FAILS);
    });
  }

  it.each(BROKEN)('userinfo: %s', async (_, answer) => {
    await company.answerWithToken({ groups: undefined });
    company.answers.set('/me', answer);
    await expect(company.finish()).rejects.toEqual(FAILS);
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
    await company.answerWithToken();
    const issuer = change.issuer === 'SELF/' ? { issuer: `${company.server.issuer}/` } : {};
    const list = Array.isArray(change.issuer) ? { issuer: [company.server.issuer] } : {};
    company.answers.set(DISCOVERY, { body: { ...metadata, ...change, ...issuer, ...list } });
    await expect(company.finish()).rejects.toEqual(FAILS);
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
    await company.answerWithToken({}, change);
    await expect(company.finish()).rejects.toEqual(FAILS);
  });

  it.each<[string, unknown]>([
    ['no list', { keys: 'none' }],
    ['an empty list', { keys: [] }],
    ['things that are no keys', { keys: [1, null, 'x'] }],
    ['a key of another kind', { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] }],
    ['a key without numbers', { keys: [{ kty: 'RSA', alg: 'RS256' }] }],
    ['more keys than anybody has', { keys: Array.from({ length: 101 }, () => ({ kty: 'RSA' })) }],
  ])('keys with %s', async (_, body) => {
    await company.answerWithToken();
    company.answers.set('/jwks', { body: body as object });
    await expect(company.finish()).rejects.toEqual(FAILS);
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
    await company.answerWithToken();
    await expect(company.finish(change)).rejects.toEqual(FAILS);
  });

  it('and none of their errors holds a token or a secret', async () => {
    await company.answerWithToken({ aud: 'other' }, { access_token: 'the-access-token' });
    const error: unknown = await company.finish().catch((reason: unknown) => reason);
    const chain: unknown[] = [];
    for (let item = error; item instanceof Error; item = item.cause)
      chain.push(item.message, JSON.stringify(item));
    expect(chain.join(' ')).not.toMatch(/the-access-token|eyJ|a secret/);
  });
});
