import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeSigningKey } from '../../src/server/oauth/keys.ts';
import { createVerifier, type Verifier, type VerifierOptions } from '../../src/verify.ts';
import { createForge, forgeBadTokens, listForeignClaims } from '../support/bad-tokens.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';
import { AUDIENCE, NOW, startTokenServer, type TokenServer } from '../support/token-server.ts';

let server: TokenServer;
let clock: FakeClock;
let verifier: Verifier;
let errors: unknown[];

function open(options: Partial<VerifierOptions> = {}): Verifier {
  return createVerifier({
    issuer: server.url,
    audience: AUDIENCE,
    clock,
    onError: (error) => errors.push(error),
    ...options,
  });
}

const asking: Partial<VerifierOptions> = { introspection: { id: 'orders', secret: 'a secret' } };

beforeEach(async () => {
  server = await startTokenServer();
  clock = createFakeClock(NOW);
  errors = [];
  verifier = open();
});

afterEach(async () => {
  verifier.close();
  await server[Symbol.asyncDispose]();
});

function bring(token: string, scope?: string) {
  const call = { method: 'GET', path: '/orders', authorization: `Bearer ${token}`, proof: undefined };
  return verifier.verify(call, scope === undefined ? {} : { scope });
}

const count = (path: string) => server.calls.filter((called) => called === path).length;

describe('a token', () => {
  it('that is good says whose it is, and by which grant', async () => {
    expect(await bring(await server.forge.sign(), 'prod:api.read')).toEqual({
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
    const bad = await forgeBadTokens(server.forge, NOW / 1000);
    const foreign = await Promise.all(
      listForeignClaims(server.forge).map(
        async ([name, claims]) => [name, await server.forge.sign(claims)] as const,
      ),
    );
    expect(bad.length).toBeGreaterThan(50);
    for (const [name, token] of [...bad, ...foreign]) {
      const verdict = await bring(token);
      expect([name, verdict]).toEqual([
        name,
        expect.objectContaining({ ok: false, status: 401, body: '{"error":"invalid_token"}' }),
      ]);
    }
    expect((await bring(await server.forge.sign())).ok, 'control').toBe(true);
    expect(errors).toEqual([]);
  });

  it('TOK-01: is over at its end, and not there before its beginning', async () => {
    const token = await server.forge.sign();
    const early = await server.forge.sign({ iat: NOW / 1000 + 61 });
    expect((await bring(early)).ok).toBe(false);
    await clock.advance(1_000);
    expect((await bring(early)).ok, 'a minute is tolerated').toBe(true);
    await clock.advance(3_598_999);
    expect((await bring(token)).ok).toBe(true);
    await clock.advance(1);
    expect((await bring(token)).ok).toBe(false);
  });

  it('that lacks the scope is 403, and the challenge says which scope it is (RFC 6750)', async () => {
    const verdict = await bring(await server.forge.sign(), 'prod:api.delete');
    expect(verdict).toMatchObject({ ok: false, status: 403, error: 'insufficient_scope' });
    expect(!verdict.ok && verdict.headers['www-authenticate']).toMatch(
      /^Bearer realm="https:\/\/orders\.example\.com", error="insufficient_scope", scope="prod:api\.delete", DPoP /,
    );
    expect((await bring(await server.forge.sign(), 'prod:api')).ok, 'a part of a name is no scope').toBe(
      false,
    );
  });

  it('that is missing is 401 with a challenge that accuses nobody', async () => {
    const verdict = await verifier.verify({
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
    const token = await server.forge.sign();
    const verdicts = await Promise.all(Array.from({ length: 50 }, () => bring(token)));
    expect(verdicts.every(({ ok }) => ok)).toBe(true);
    expect(count('/oauth/jwks')).toBe(1);
  });

  it('TOK-02: are fetched for an unknown kid at most once per 30 s', async () => {
    await bring(await server.forge.sign());
    await clock.advance(29_000);
    for (const kid of ['a', 'b', 'c']) await bring(await server.forge.sign({}, { kid }));
    expect(count('/oauth/jwks')).toBe(1);
    await clock.advance(1_000);
    for (const kid of ['d', 'e', 'f']) await bring(await server.forge.sign({}, { kid }));
    expect(count('/oauth/jwks')).toBe(2);
  });

  it('TOK-08: of a rotation are found, and one that was taken back is not believed for longer than is stated', async () => {
    const old = await server.forge.sign();
    expect((await bring(old)).ok).toBe(true);
    const jwk = await makeSigningKey();
    const { d: _, ...published } = jwk;
    server.keys = [published];
    await clock.advance(30_000);
    const next = createForge({ jwk, claims: server.forge.claims });
    expect((await bring(await next.sign())).ok).toBe(true);
    await clock.advance(60_000);
    expect(await bring(old)).toMatchObject({ status: 401 });
  });

  it.each([
    ['no JSON', '<html>'],
    ['another document', '{"keys":{}}'],
    ['no keys', '{"keys":[]}'],
    ['a key that is none', '{"keys":[{"kid":"x","alg":"ES256","kty":"EC","crv":"P-256","x":"?","y":"?"}]}'],
    ['no end', `{"keys":[{"kid":"${'x'.repeat(300_000)}"}]}`],
  ])('INP-04: that are %s let nothing through', async (_, text) => {
    server.answers.set('/oauth/jwks', text);
    const token = await server.forge.sign();
    expect(await bring(token)).toMatchObject({ ok: false, status: 503, body: '{"error":"unavailable"}' });
    server.answers.clear();
    await clock.advance(1_000);
    expect((await bring(token)).ok).toBe(true);
  });
});

describe('a server that is away', () => {
  it('without introspection: tokens go on for as long as is stated, and then none does', async () => {
    const token = await server.forge.sign();
    expect((await bring(token)).ok).toBe(true);
    server.isAway = true;
    await clock.advance(59_999);
    expect((await bring(token)).ok).toBe(true);
    await clock.advance(1);
    expect(await bring(token)).toMatchObject({ ok: false, status: 503 });
    server.isAway = false;
    await clock.advance(1_000);
    expect((await bring(token)).ok, 'open again').toBe(true);
  });

  it('with introspection: what was live goes on for as long as is stated, what was never seen does not', async () => {
    verifier = open({ ...asking, failClosedAfterSeconds: 30 });
    const token = await server.forge.sign();
    expect((await bring(token)).ok).toBe(true);
    server.isAway = true;
    await clock.advance(6_000);
    expect((await bring(token)).ok, 'past the cache').toBe(true);
    expect(await bring(await server.forge.sign({ jti: 'tok_2' }))).toMatchObject({ ok: false, status: 503 });
    await clock.advance(24_000);
    expect(await bring(token)).toMatchObject({ ok: false, status: 503 });
    expect((await bring(await server.forge.sign())).ok).toBe(false);
  });

  it('is asked at most once a second, whatever comes', async () => {
    verifier = open(asking);
    await bring(await server.forge.sign());
    server.isAway = true;
    for (let index = 0; index < 20; index += 1) await bring(await server.forge.sign({ jti: `tok_${index}` }));
    expect(count('/oauth/introspect')).toBe(2);
  });
});

describe('revocation by introspection', () => {
  it('shows once an answer is older than the cache', async () => {
    verifier = open({ ...asking, cacheSeconds: 3 });
    const token = await server.forge.sign();
    expect((await bring(token)).ok).toBe(true);
    server.isActive = false;
    await clock.advance(2_999);
    expect((await bring(token)).ok).toBe(true);
    expect(count('/oauth/introspect')).toBe(1);
    await clock.advance(1);
    expect(await bring(token)).toMatchObject({ status: 401, body: '{"error":"invalid_token"}' });
  });

  it('shows at once with a cache of 0 seconds', async () => {
    verifier = open({ ...asking, cacheSeconds: 0 });
    const token = await server.forge.sign();
    expect((await bring(token)).ok).toBe(true);
    server.isActive = false;
    expect((await bring(token)).ok).toBe(false);
  });

  it('is one question for all who bring the same token at once, and none for what is no token', async () => {
    verifier = open(asking);
    const token = await server.forge.sign();
    await Promise.all(Array.from({ length: 20 }, () => bring(token)));
    await bring(await server.forge.sign({ exp: NOW / 1000 }));
    expect(count('/oauth/introspect')).toBe(1);
  });

  it('INP-04: takes no answer that does not say it', async () => {
    verifier = open(asking);
    for (const text of ['{"active":"true"}', '{}', 'true', '[]', '{"active":true']) {
      server.answers.set('/oauth/introspect', text);
      expect([text, await bring(await server.forge.sign())]).toEqual([
        text,
        expect.objectContaining({ status: 503 }),
      ]);
      await clock.advance(1_000);
    }
  });
});

describe('options that cannot work', () => {
  it.each<[string, Partial<VerifierOptions>]>([
    ['issuer: must be an address', { issuer: 'https://jit.example.com/' }],
    ['issuer: must be https', { issuer: 'http://jit.example.com' }],
    ['events: needs introspection', { events: true }],
    ['url: must be where', { audience: 'urn:orders' }],
    ['cacheSeconds: is longer', { ...asking, cacheSeconds: 61 }],
    ['cacheSeconds: must be', { cacheSeconds: Number.NaN }],
    ['failClosedAfterSeconds: must be', { failClosedAfterSeconds: 0 }],
    ['audience: is missing', { audience: '' }],
  ])('are told before the first request: %s', (message, options) => {
    expect(() => open(options)).toThrow(message);
  });
});
