import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Grant, type GrantState, NOT_REVOKED } from '../../../../src/core/grant.ts';
import { type GrantToken, signGrantToken } from '../../../../src/server/oauth/tokens/grant-token.ts';
import { type Answer, postForm } from '../../../support/device-client.ts';
import { type OAuthServer, OTHER_CLIENT_ID, startOAuthServer } from '../../../support/oauth-server.ts';

let server: OAuthServer;

beforeEach(async () => {
  server = await startOAuthServer();
});

afterEach(() => server[Symbol.asyncDispose]());

const INACTIVE = { status: 200, body: { active: false } };

function basic(name: string, secret: string): { readonly authorization: string } {
  const encode = (text: string) => encodeURIComponent(text);
  return { authorization: `Basic ${Buffer.from(`${encode(name)}:${encode(secret)}`).toString('base64')}` };
}

function ask(token: string, headers = basic('orders-api', 'orders secret')): Promise<Answer> {
  return postForm(`${server.url}/oauth/introspect`, { token }, headers);
}

function keepGrant(changes: Partial<Grant> = {}): Grant {
  const now = server.clock.now();
  const grant: Grant = {
    id: 'gr_1',
    requestId: 'req_1',
    state: 'active',
    version: 2,
    scopes: ['prod:db.read'],
    target: 'orders',
    heldBy: { subject: 'dev:dev', name: 'dev' },
    digest: 'digest-1',
    tokenId: 'tok_1',
    claimedAt: now,
    expiresAt: now + 60_000,
    latestEndAt: now + 120_000,
    lastUsedAt: null,
    endedAt: null,
    endedBecause: null,
    handle: null,
    revocation: NOT_REVOKED,
    ...changes,
  };
  server.grants.set(grant.tokenId, grant);
  return grant;
}

async function signFor(grant: Grant, changes: Partial<GrantToken> = {}): Promise<string> {
  const token = await signGrantToken(server.keys, {
    issuer: server.url,
    subject: grant.heldBy.subject,
    audience: 'https://orders.example.com',
    clientId: 'jit-cli',
    tokenId: grant.tokenId,
    grantId: grant.id,
    digest: grant.digest,
    scope: grant.scopes.join(' '),
    issuedAt: grant.claimedAt,
    expiresAt: grant.expiresAt,
    ...changes,
  });
  return token.reveal();
}

describe('introspection', () => {
  it('describes the token of a live grant to its own resource server, and counts as a use', async () => {
    const grant = keepGrant();
    const answer = await ask(await signFor(grant));
    expect(answer).toEqual({
      status: 200,
      body: {
        active: true,
        scope: 'prod:db.read',
        client_id: 'jit-cli',
        token_type: 'Bearer',
        iss: server.url,
        sub: 'dev:dev',
        aud: 'https://orders.example.com',
        exp: Math.floor(grant.expiresAt / 1000),
        iat: Math.floor(grant.claimedAt / 1000),
        jti: 'tok_1',
        grant_id: 'gr_1',
      },
    });
    expect(server.used).toEqual(['gr_1']);
  });

  it.each([undefined, 'Basic', 'Basic b3JkZXJzLWFwaQ==', 'Bearer orders secret'])(
    'TOK-06: needs authentication: %s',
    async (authorization) => {
      const token = await signFor(keepGrant());
      const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
      const answer = await postForm(`${server.url}/oauth/introspect`, { token }, headers);
      expect(answer).toEqual({ status: 401, body: { error: 'invalid_client' } });
      expect(server.used).toEqual([]);
    },
  );

  it('TOK-06: a wrong secret, a wrong name and another one’s secret are refused alike', async () => {
    const token = await signFor(keepGrant());
    for (const [name, secret] of [
      ['orders-api', 'orders secre'],
      ['orders-ap', 'orders secret'],
      ['orders-api', 'other: secret/+%'],
      ['nobody', ''],
    ] as const) {
      expect(await ask(token, basic(name, secret))).toEqual({
        status: 401,
        body: { error: 'invalid_client' },
      });
    }
  });

  it('TOK-06: a token of another one’s target is just not active', async () => {
    const token = await signFor(keepGrant());
    expect(await ask(token, basic('other-api', 'other: secret/+%'))).toEqual(INACTIVE);
    expect(server.used).toEqual([]);
  });

  it.each<GrantState>(['provisioning', 'revoking', 'ended'])(
    'TOK-06: of a grant that is %s says only active: false',
    async (state) => {
      expect(await ask(await signFor(keepGrant({ state })))).toEqual(INACTIVE);
    },
  );

  it('TOK-06: a grant past its end is dead before anyone has noticed', async () => {
    const grant = keepGrant({ expiresAt: server.clock.now() - 1 });
    expect(await ask(await signFor(grant, { expiresAt: server.clock.now() + 60_000 }))).toEqual(INACTIVE);
  });

  it('TOK-06: tokens of no grant, of another grant or person, and no tokens at all are not active', async () => {
    const grant = keepGrant();
    const wrong = [
      await signFor(grant, { tokenId: 'tok_unknown' }),
      await signFor(grant, { grantId: 'gr_other' }),
      await signFor(grant, { subject: 'dev:other' }),
      await signFor(grant, { issuer: 'https://other.example.com' }),
      'opaque',
    ];
    for (const token of wrong) expect(await ask(token)).toEqual(INACTIVE);
  });

  it('is refused without a token, with two, and with a body that is no form', async () => {
    const url = `${server.url}/oauth/introspect`;
    const { authorization } = basic('orders-api', 'orders secret');
    const send = async (body: string, type: string) =>
      (await fetch(url, { method: 'POST', body, headers: { authorization, 'content-type': type } })).status;
    const form = 'application/x-www-form-urlencoded';
    expect(await send('', form)).toBe(400);
    expect(await send('token=a&token=b', form)).toBe(400);
    expect(await send('{"token":"a"}', 'application/json')).toBe(400);
  });
});

describe('revoking a grant token', () => {
  const revoke = (token: string, clientId = 'jit-cli') =>
    postForm(`${server.url}/oauth/revoke`, { token, client_id: clientId });

  it('begins the end of its grant', async () => {
    const token = await signFor(keepGrant());
    expect(await revoke(token)).toEqual({ status: 200, body: {} });
    expect(server.revoked).toEqual(['gr_1']);
  });

  it('TOK-05: leaves it alone, with the same answer, for another client and for a forged token', async () => {
    const token = await signFor(keepGrant());
    expect(await revoke(token, OTHER_CLIENT_ID)).toEqual({ status: 200, body: {} });
    expect(await revoke(`${token.slice(0, -4)}AAAA`)).toEqual({ status: 200, body: {} });
    expect(server.revoked).toEqual([]);
  });
});
