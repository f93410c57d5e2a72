import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openProviderParts, type ProviderDesk } from '../../../support/alone/desk.ts';
import { order } from '../../../support/alone/order.ts';
import { type AloneProvider, startAloneProvider } from '../../../support/alone/provider.ts';
import { type Answer, BROKEN } from '../../../support/broken-answers.ts';

const METADATA = '/.well-known/openid-configuration';
const DEVICE = '/device/auth';
const TOKEN = '/token';
const INTROSPECTION = '/token/introspection';
const REVOCATION = '/token/revocation';
const CANARY = 'malformed-canary-token';

type Members = Readonly<Record<string, unknown>>;

let provider: AloneProvider;
let desk: ProviderDesk;
let grantId: string;
let before: Members;

beforeAll(async () => {
  provider = await startAloneProvider();
  desk = openProviderParts(provider);
  await desk.login();
  grantId = (await desk.engineer.request(order())).held?.view.id ?? '';
  before = desk.parts.secrets();
});
beforeEach(() => provider.answers.clear());
afterAll(() => provider[Symbol.asyncDispose]());

/** The same machine, with nothing remembered of the provider; time is short, and nobody has to confirm anything. */
function begin(): ProviderDesk {
  const confirm = async (): Promise<string> => '';
  return openProviderParts(provider, { like: desk, timeoutMs: 300, haste: 50, confirm });
}

/** A clear error, by the provider's name, with nothing of its answer that could be a token; everything is as before. */
async function expectClear(action: Promise<unknown>): Promise<void> {
  const error = await action.then(
    () => expect.fail('it was taken'),
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({
    code: expect.stringMatching(
      /^(bad_answer|unreachable|failed|insecure_server|not_offered|not_confirmed)$/,
    ),
    message: expect.stringContaining('http'),
  });
  const chain: unknown[] = [];
  for (let item = error; item instanceof Error; item = item.cause)
    chain.push(item.message, JSON.stringify(item));
  expect(chain.join(' ')).not.toContain(CANARY);
  expect(desk.parts.secrets()).toEqual(before);
  expect((await desk.parts.held()).grants.map(({ view }) => view.id)).toEqual([grantId]);
}

const ask = (): Promise<unknown> => begin().engineer.request(order());
const see = (): Promise<unknown> => begin().backend.readStatus();
const giveBack = (): Promise<unknown> => begin().backend.revoke(grantId, 'done');

describe('INP-04: a malformed answer of a provider gives a clear error, and stores nothing', () => {
  it('while good ones do what they should', async () => {
    const other = openProviderParts(provider);
    await other.login();
    expect((await other.engineer.request(order())).grant?.state).toBe('active');
    const same = openProviderParts(provider, { like: desk });
    await expect(same.backend.readStatus()).resolves.toMatchObject({ grants: [{ id: grantId }] });
  });

  for (const [what, path, action] of [
    ['metadata', METADATA, ask],
    ['a device code', DEVICE, ask],
    ['a token', TOKEN, ask],
    ['an introspection', INTROSPECTION, see],
    ['a revocation', REVOCATION, giveBack],
  ] as const) {
    it.each(BROKEN)(`${what}: %s`, async (_, answer) => {
      provider.answers.set(path, answer);
      if (path === METADATA) provider.answers.set('/.well-known/oauth-authorization-server', answer);
      await expectClear(action());
    });
  }

  it.each<[string, Members]>([
    ['another issuer', { issuer: 'https://evil.example' }],
    ['an issuer with a slash more', { issuer: 'SELF/' }],
    ['no issuer', { issuer: undefined }],
    ['no token endpoint', { token_endpoint: undefined }],
    ['a token endpoint that is a number', { token_endpoint: 7 }],
    ['a token endpoint without an origin', { token_endpoint: '/token' }],
    ['a token endpoint that is a file', { token_endpoint: 'file:///etc/passwd' }],
    ['plain http elsewhere', { token_endpoint: 'http://login.example.com/token' }],
    ['a device endpoint that is script', { device_authorization_endpoint: 'javascript:alert(1)' }],
    ['a device endpoint that is a list', { device_authorization_endpoint: ['a'] }],
    ['grants that are an object', { grant_types_supported: { all: true } }],
  ])('metadata with %s', async (_, change) => {
    const good = await (await fetch(`${provider.issuer}${METADATA}`)).json();
    const issuer = change.issuer === 'SELF/' ? { issuer: `${provider.issuer}/` } : {};
    provider.answers.set(METADATA, { body: { ...(good as object), ...change, ...issuer } });
    await expectClear(ask());
  });

  const code = {
    device_code: 'a-device-code',
    user_code: 'ABCD-EFGH',
    verification_uri: 'https://login.example.com/device',
    expires_in: 600,
    interval: 1,
  };
  it.each<[string, Members]>([
    ['no device code', { device_code: undefined }],
    ['a device code that is a list', { device_code: ['a'] }],
    ['no user code', { user_code: undefined }],
    ['a user code without end', { user_code: 'A'.repeat(1_000) }],
    ['no page', { verification_uri: undefined }],
    ['a page that is script', { verification_uri: 'javascript:alert(1)' }],
    ['a page by plain http', { verification_uri: 'http://login.example.com/device' }],
    ['a complete page that is a file', { verification_uri_complete: 'file:///etc/passwd' }],
    ['no life', { expires_in: undefined }],
    ['a life that is none', { expires_in: 0 }],
    ['a life of years', { expires_in: 1e9 }],
    ['a pace that is none', { interval: -1 }],
    ['a pace of hours', { interval: 3_600 }],
  ])('a device code with %s', async (_, change) => {
    provider.answers.set(DEVICE, { body: { ...code, ...change } });
    await expectClear(ask());
  });

  const token = { access_token: CANARY, token_type: 'Bearer', expires_in: 60, scope: 'prod:db.read' };
  it.each<[string, Members]>([
    ['no token', { access_token: undefined }],
    ['an empty token', { access_token: '' }],
    ['a token that is a number', { access_token: 7 }],
    ['a token without end', { access_token: 'a'.repeat(20_000) }],
    ['a token with a line break', { access_token: `${CANARY}\r\nx: y` }],
    ['no kind', { token_type: undefined }],
    ['another kind', { token_type: 'N_A' }],
    ['a bound token, where none was asked for', { token_type: 'DPoP' }],
    ['no end', { expires_in: undefined }],
    ['an end before it begins', { expires_in: -5 }],
    ['an end at once', { expires_in: 0 }],
    ['an end that is a word', { expires_in: 'soon' }],
    ['an end beyond number', { expires_in: 1e300 }],
    ['a scope that is a list', { scope: ['prod:db.read'] }],
    ['more than was asked for', { scope: 'prod:db.read admin' }],
    ['a refresh token that is a list', { refresh_token: [CANARY] }],
    ['an ID token that is none', { id_token: 'a.b.c' }],
    ['details that are an object', { authorization_details: { type: 'jit' } }],
    ['details of another target', { authorization_details: [{ type: 'jit', target: 'billing' }] }],
  ])('a token with %s', async (_, change) => {
    provider.answers.set(TOKEN, { body: { ...token, ...change } });
    await expectClear(ask());
  });

  it.each<[string, Answer]>([
    ['a text', { body: { active: 'true' } }],
    ['a number', { body: { active: 1 } }],
    ['null', { body: { active: null } }],
    ['in a list', { body: [{ active: true }] }],
    ['in a prototype', { body: '{"__proto__": {"active": false}}' }],
  ])('an introspection whose "active" is %s', async (_, answer) => {
    provider.answers.set(INTROSPECTION, answer);
    await expectClear(see());
  });

  it('and a good token after all of it is taken', async () => {
    const link = `${code.verification_uri}?user_code=${code.user_code}`;
    provider.answers.set(DEVICE, { body: { ...code, verification_uri_complete: link } });
    provider.answers.set(TOKEN, { body: token });
    const { engineer, parts } = openProviderParts(provider, { like: desk, confirm: async () => '' });
    expect((await engineer.request(order())).grant?.scopes).toEqual(['prod:db.read']);
    expect(JSON.stringify(parts.secrets())).toContain(CANARY);
  });
});
