import { CompactSign, importJWK } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  guardExpress,
  guardFastify,
  guardHono,
  guardHttp,
  type VerifierOptions,
  type Wanted,
} from '../../src/verify.ts';
import { makeSigningKey } from '../support/signing-keys.ts';
import { createForge, forgeBadTokens, listForeignClaims } from '../support/verifying/bad-tokens.ts';
import { ASKING, openVerifyScene, type VerifyScene } from '../support/verifying/scene.ts';
import { NOW } from '../support/verifying/token-server.ts';

let scene: VerifyScene;

beforeEach(async () => {
  scene = await openVerifyScene();
});

afterEach(() => scene[Symbol.asyncDispose]());

describe('a token', () => {
  it('that is good says whose it is, and by which grant', async () => {
    expect(await scene.bring(await scene.server.forge.sign(), 'prod:api.read')).toEqual({
      ok: true,
      token: {
        subject: 'dev:dev',
        scopes: ['prod:api.read', 'prod:api.write'],
        grantId: 'gr_1',
        tokenId: 'tok_1',
        expiresAt: NOW + 3_600_000,
        isBound: false,
      },
    });
  });

  it('TOK-01: of the whole corpus is refused with 401 and one body', async () => {
    const bad = await forgeBadTokens(scene.server.forge, NOW / 1000);
    const foreign = await Promise.all(
      listForeignClaims(scene.server.forge).map(
        async ([name, claims]) => [name, await scene.server.forge.sign(claims)] as const,
      ),
    );
    expect(bad.length).toBeGreaterThan(50);
    for (const [name, token] of [...bad, ...foreign]) {
      const verdict = await scene.bring(token);
      expect([name, verdict]).toEqual([
        name,
        expect.objectContaining({ ok: false, status: 401, body: '{"error":"invalid_token"}' }),
      ]);
    }
    expect((await scene.bring(await scene.server.forge.sign())).ok, 'control').toBe(true);
    expect(scene.errors).toEqual([]);
  });

  it('TOK-01: is over at its end, and not there before its beginning', async () => {
    const token = await scene.server.forge.sign();
    const early = await scene.server.forge.sign({ iat: NOW / 1000 + 61 });
    expect((await scene.bring(early)).ok).toBe(false);
    await scene.clock.advance(1_000);
    expect((await scene.bring(early)).ok, 'a minute is tolerated').toBe(true);
    await scene.clock.advance(3_598_999);
    expect((await scene.bring(token)).ok).toBe(true);
    await scene.clock.advance(1);
    expect((await scene.bring(token)).ok).toBe(false);
  });

  it('that lacks the scope is 403, and the challenge says which scope it is (RFC 6750)', async () => {
    const verdict = await scene.bring(await scene.server.forge.sign(), 'prod:api.delete');
    expect(verdict).toMatchObject({ ok: false, status: 403, error: 'insufficient_scope' });
    expect(!verdict.ok && verdict.headers['www-authenticate']).toMatch(
      /^Bearer realm="https:\/\/orders\.example\.com", error="insufficient_scope", scope="prod:api\.delete", DPoP /,
    );
    expect(
      (await scene.bring(await scene.server.forge.sign(), 'prod:api')).ok,
      'a part of a name is no scope',
    ).toBe(false);
  });

  it('TOK-03: that is a bearer token is refused where the service takes bound ones only', async () => {
    scene.open({ dpop: true });
    const verdict = await scene.bring(await scene.server.forge.sign());
    expect(verdict).toMatchObject({ ok: false, status: 401, error: 'invalid_token' });
  });

  it('that is missing is 401 with a challenge that accuses nobody', async () => {
    const verdict = await scene.open().verify({
      method: 'GET',
      path: '/',
      authorization: undefined,
      proof: undefined,
    });
    expect(verdict).toMatchObject({ ok: false, status: 401, error: 'no_token' });
    expect(!verdict.ok && verdict.headers['www-authenticate']).not.toContain('error=');
  });
});

describe('the keys', () => {
  it('are fetched once for many requests at once', async () => {
    const token = await scene.server.forge.sign();
    const verdicts = await Promise.all(Array.from({ length: 50 }, () => scene.bring(token)));
    expect(verdicts.every(({ ok }) => ok)).toBe(true);
    expect(scene.count('/oauth/jwks')).toBe(1);
  });

  it('TOK-02: are fetched for an unknown kid at most once per 30 s', async () => {
    await scene.bring(await scene.server.forge.sign());
    await scene.clock.advance(29_000);
    for (const kid of ['a', 'b', 'c']) await scene.bring(await scene.server.forge.sign({}, { kid }));
    expect(scene.count('/oauth/jwks')).toBe(1);
    await scene.clock.advance(1_000);
    for (const kid of ['d', 'e', 'f']) await scene.bring(await scene.server.forge.sign({}, { kid }));
    expect(scene.count('/oauth/jwks')).toBe(2);
  });

  it('TOK-08: of a rotation are found, and one that was taken back is not believed for longer than is stated', async () => {
    const old = await scene.server.forge.sign();
    expect((await scene.bring(old)).ok).toBe(true);
    const jwk = await makeSigningKey();
    const { d: _, ...published } = jwk;
    scene.server.keys = [published];
    await scene.clock.advance(30_000);
    const next = createForge({ jwk, claims: scene.server.forge.claims });
    expect((await scene.bring(await next.sign())).ok).toBe(true);
    await scene.clock.advance(60_000);
    expect(await scene.bring(old)).toMatchObject({ status: 401 });
  });

  it('may be of RSA, for a target whose tokens are signed with RS256', async () => {
    const rsa = await makeSigningKey('RS256');
    scene.server.keys = [
      ...scene.server.keys,
      { kty: 'RSA', n: rsa.n ?? '', e: rsa.e ?? '', kid: rsa.kid ?? '', alg: 'RS256' },
    ];
    const claims = new TextEncoder().encode(JSON.stringify(scene.server.forge.claims));
    const sign = async (kid: string | undefined) =>
      new CompactSign(claims)
        .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', ...(kid === undefined ? {} : { kid }) })
        .sign(await importJWK(rsa, 'RS256'));
    expect((await scene.bring(await sign(rsa.kid))).ok).toBe(true);
    expect((await scene.bring(await scene.server.forge.sign())).ok).toBe(true);
    expect(await scene.bring(await sign(scene.server.keys[0]?.kid))).toMatchObject({ status: 401 });
  });

  it('INP-02: are fetched at the server’s own address: a redirect is not followed', async () => {
    scene.server.moved = '/elsewhere';
    scene.server.answers.set('/elsewhere', JSON.stringify({ keys: scene.server.keys }));
    expect(await scene.bring(await scene.server.forge.sign())).toMatchObject({ ok: false, status: 503 });
    expect(scene.count('/elsewhere')).toBe(0);
  });

  it.each([
    ['no JSON', '<html>'],
    ['another document', '{"keys":{}}'],
    ['no keys', '{"keys":[]}'],
    ['a key that is none', '{"keys":[{"kid":"x","alg":"ES256","kty":"EC","crv":"P-256","x":"?","y":"?"}]}'],
    ['no end', `{"keys":[{"kid":"${'x'.repeat(300_000)}"}]}`],
  ])('INP-04: that are %s let nothing through', async (_, text) => {
    scene.server.answers.set('/oauth/jwks', text);
    const token = await scene.server.forge.sign();
    expect(await scene.bring(token)).toMatchObject({
      ok: false,
      status: 503,
      body: '{"error":"unavailable"}',
    });
    scene.server.answers.clear();
    await scene.clock.advance(1_000);
    expect((await scene.bring(token)).ok).toBe(true);
  });
});

describe('options that cannot work', () => {
  it.each<[string, Partial<VerifierOptions>]>([
    ['issuer: must be an address', { issuer: 'https://jit.example.com/' }],
    ['issuer: must be https', { issuer: 'http://jit.example.com' }],
    ['events: needs introspection', { events: true }],
    ['url: must be where', { audience: 'urn:orders' }],
    ['cacheSeconds: is longer', { ...ASKING, cacheSeconds: 61 }],
    ['cacheSeconds: must be', { cacheSeconds: Number.NaN }],
    ['failClosedAfterSeconds: must be', { failClosedAfterSeconds: 0 }],
    ['failClosedAfterSeconds: must be', { failClosedAfterSeconds: Number.POSITIVE_INFINITY }],
    ['audience: is missing', { audience: '' }],
    ['introspection.secret: is missing', { introspection: { id: 'orders', secret: '' } }],
    ['introspection.id: is missing', { introspection: { id: '', secret: 'a secret' } }],
    ['event: is no option', JSON.parse('{ "event": true }')],
  ])('are told before the first request: %s', (message, options) => {
    expect(() => scene.open(options)).toThrow(message);
  });
});

describe('a scope that is none', () => {
  const guards: readonly [string, (wanted: Wanted) => unknown][] = [
    ['guardExpress', (wanted) => guardExpress(scene.open(), wanted)],
    ['guardFastify', (wanted) => guardFastify(scene.open(), wanted)],
    ['guardHono', (wanted) => guardHono(scene.open(), wanted)],
    ['guardHttp', (wanted) => guardHttp(scene.open(), wanted, () => undefined)],
  ];
  const slips: readonly Wanted[] = [
    { scope: '' },
    Object({ scope: undefined }),
    Object({ scopes: 'prod:api.read' }),
  ];

  it.each(guards)('is told by %s before the first request, and lets nobody through', (_, guard) => {
    for (const wanted of slips) expect(() => guard(wanted)).toThrow(/^scopes?: /);
    expect(() => guard({ scope: 'prod:api.read' })).not.toThrow();
  });

  it('lets nothing through where it is only said with the request', async () => {
    const authorization = `Bearer ${await scene.server.forge.sign()}`;
    const call = { method: 'GET', path: '/orders', authorization, proof: undefined };
    for (const wanted of slips)
      expect(await scene.open().verify(call, wanted)).toMatchObject({ ok: false, status: 503 });
    expect(scene.errors).toHaveLength(slips.length);
  });
});
