import { describe, expect, it } from 'vitest';
import { fail } from '../../../../src/core/errors.ts';
import { openProviderParts, type ProviderDesk } from '../../../support/alone/desk.ts';
import { BOTH, order } from '../../../support/alone/order.ts';
import { startAloneProvider } from '../../../support/alone/provider.ts';

/** The grant that was asked for, and its token. */
async function obtain({ engineer, login }: ProviderDesk) {
  await login();
  const { held } = await engineer.request(order());
  if (!held) throw new Error('nothing is held');
  const { token } = await engineer.requireSecret(held);
  return { id: held.view.id, token: token.reveal() };
}

describe('a token that this machine cannot keep', () => {
  it('is given back at once: nobody else could', async () => {
    await using provider = await startAloneProvider({ refreshesAll: true });
    const given: string[] = [];
    provider.onTokens = (body) => given.push(String(body.access_token), String(body.refresh_token));
    const { engineer, login, parts } = openProviderParts(provider);
    await login();
    parts.keychain.set = () => Promise.reject(fail('keychain_locked', { why: 'it was locked meanwhile' }));
    await expect(engineer.request(order())).rejects.toMatchObject({ code: 'keychain_locked' });
    const [, , access = '', refresh = ''] = given;
    expect([await provider.isGood(access), await provider.isGood(refresh)]).toEqual([false, false]);
    expect((await parts.held()).grants).toEqual([]);
  });
});

describe('a refresh token that comes with a grant, unasked', () => {
  it('is not kept, and goes when the grant is given back', async () => {
    await using provider = await startAloneProvider({ refreshesAll: true });
    const given: string[] = [];
    provider.onTokens = (body) => given.push(String(body.refresh_token));
    const desk = openProviderParts(provider);
    const { id, token } = await obtain(desk);
    const [session = '', unasked = ''] = given;
    expect(await provider.isGood(unasked)).toBe(true);
    expect(JSON.stringify(desk.parts.secrets())).toContain(session);
    expect(JSON.stringify([desk.parts.secrets(), await desk.parts.held()])).not.toContain(unasked);
    await desk.engineer.giveBack({ grantIds: [id], because: 'done' });
    expect([await provider.isGood(token), await provider.isGood(unasked)]).toEqual([false, false]);
    expect(await provider.isGood(session)).toBe(true);
  });

  it('is given back at once with a token that is refused', async () => {
    await using provider = await startAloneProvider({ refreshesAll: true, gives: 'prod:db.read' });
    const given: string[] = [];
    provider.onTokens = (body) => {
      given.push(String(body.refresh_token), String(body.access_token));
      if (body.scope === 'prod:db.read') body.scope = 'prod:db.read admin';
    };
    const { engineer, login } = openProviderParts(provider);
    await login();
    await expect(engineer.request(order(BOTH))).rejects.toMatchObject({ code: 'bad_answer' });
    expect(provider.asked.filter((line) => line === 'POST /token/revocation')).toHaveLength(2);
    const [, , refresh = '', access = ''] = given;
    expect([await provider.isGood(refresh), await provider.isGood(access)]).toEqual([false, false]);
  });

  it('is given back at once with a token that says not how long it lasts', async () => {
    await using provider = await startAloneProvider({ refreshesAll: true });
    const given: string[] = [];
    provider.onTokens = (body) => {
      given.push(String(body.refresh_token), String(body.access_token));
      if (body.scope === 'prod:db.read') delete body.expires_in;
    };
    const { engineer, login } = openProviderParts(provider);
    await login();
    await expect(engineer.request(order())).rejects.toMatchObject({ code: 'bad_answer' });
    const [, , refresh = '', access = ''] = given;
    expect([await provider.isGood(refresh), await provider.isGood(access)]).toEqual([false, false]);
  });
});

describe('a token that is a JWT (RFC 9068)', () => {
  it('is a grant too; a provider that takes no JWT back is not said to have done it', async () => {
    await using provider = await startAloneProvider({ jwt: true });
    const desk = openProviderParts(provider);
    const { id, token } = await obtain(desk);
    const [header = '', claims = ''] = token
      .split('.')
      .map((part) => Buffer.from(part, 'base64url').toString());
    expect(JSON.parse(header)).toMatchObject({ typ: 'at+jwt' });
    expect(JSON.parse(claims)).toMatchObject({ aud: 'https://orders.example.com', scope: 'prod:db.read' });
    expect((await desk.engineer.readStatus()).grants).toMatchObject([{ id, state: 'active' }]);
    const { given } = await desk.engineer.giveBack({ grantIds: [id], because: 'done' });
    expect(given[0]?.grant).toMatchObject({ state: 'revoking', revocation: { confirmed: false } });
  });
});

describe('a provider that tells only resource servers whether a token is good', () => {
  it.each([
    ['401 and a challenge', 401, { error: 'invalid_client' }],
    ['403', 403, { error: 'access_denied' }],
  ])('is not asked in vain: %s', async (_, status, body) => {
    await using provider = await startAloneProvider();
    provider.answers.set('/token/introspection', { status, body });
    const desk = openProviderParts(provider);
    const { id, token } = await obtain(desk);
    expect((await desk.engineer.readStatus()).grants).toMatchObject([{ id, state: 'active' }]);
    const { given } = await desk.engineer.giveBack({ grantIds: [id], because: 'done' });
    expect(given[0]?.grant.revocation.confirmed).toBe(true);
    expect(await provider.isGood(token)).toBe(false);
  });
});

describe('an issuer with a path', () => {
  it.each([
    ['as OpenID Connect has it', true],
    ['as RFC 8414 §3.1 has it', false],
  ])('is found %s', async (_, hasOpenidDocument) => {
    await using provider = await startAloneProvider({ path: '/realms/work', hasOpenidDocument });
    const desk = openProviderParts(provider);
    const { id, token } = await obtain(desk);
    expect(await provider.isGood(token)).toBe(true);
    await desk.engineer.giveBack({ grantIds: [id], because: 'done' });
    expect(await provider.isGood(token)).toBe(false);
  });

  it('TOK-07: is not found where another one of the same host answers', async () => {
    await using provider = await startAloneProvider({ path: '/realms/work' });
    const other = `${provider.issuer}/.well-known/openid-configuration`.replace('work', 'other');
    const document = (await (
      await fetch(`${provider.issuer}/.well-known/openid-configuration`)
    ).json()) as object;
    provider.answers.set('/.well-known/openid-configuration', {
      body: { ...document, issuer: other },
    });
    const { login } = openProviderParts(provider);
    await expect(login()).rejects.toMatchObject({ code: 'bad_answer' });
  });
});

describe('who somebody is', () => {
  const DOCUMENT = '/.well-known/openid-configuration';

  it.each<[string, (metadata: object) => object, string, string]>([
    [
      'another issuer',
      (good) => ({ ...good, issuer: 'https://evil.example' }),
      'bad_answer',
      'names another issuer',
    ],
    [
      'no way to log in',
      (good) => ({ ...good, grant_types_supported: ['implicit'] }),
      'not_offered',
      'a way to log in',
    ],
  ])('is not said where the provider has %s', async (_, change, code, why) => {
    await using provider = await startAloneProvider();
    await openProviderParts(provider).login();
    const good = (await (await fetch(`${provider.issuer}${DOCUMENT}`)).json()) as object;
    provider.answers.set(DOCUMENT, { body: change(good) });
    const { engineer } = openProviderParts(provider);
    await expect(engineer.readPerson()).rejects.toMatchObject({
      code,
      message: expect.stringContaining(why),
    });
  });

  it('is not said where the provider is away', async () => {
    const provider = await startAloneProvider();
    const { engineer } = openProviderParts(provider);
    await provider[Symbol.asyncDispose]();
    await expect(engineer.readPerson()).rejects.toMatchObject({ code: 'unreachable' });
  });
});
