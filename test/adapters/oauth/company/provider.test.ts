import { beforeEach, describe, expect, it } from 'vitest';
import { createProviderCache, type OpenProvider } from '../../../../src/adapters/oauth/company/provider.ts';
import { Secret } from '../../../../src/core/secret.ts';
import { createFakeClock, type FakeClock } from '../../../support/fakes/fake-clock.ts';

const ISSUER = 'https://login.example.com';
const FAILS = expect.objectContaining({ code: 'provider_failed' });

let clock: FakeClock;
let change: Record<string, unknown>;
let isAway: boolean;
let called: string[];
let callable: (readonly string[])[];

beforeEach(() => {
  clock = createFakeClock(0);
  change = {};
  isAway = false;
  called = [];
  callable = [];
});

function createCache(issuer = ISSUER): OpenProvider {
  return createProviderCache({
    issuer,
    clientId: 'jit',
    clientSecret: new Secret('a secret'),
    clock,
    createOutgoing: (urls) => {
      callable.push(urls);
      return async (url) => {
        called.push(url);
        if (isAway) throw new Error('away');
        return Response.json({
          issuer,
          authorization_endpoint: `${issuer}/auth`,
          token_endpoint: 'https://tokens.example.net/token',
          jwks_uri: 'https://keys.example.net/jwks',
          ...change,
        });
      };
    },
  });
}

describe('what the provider says of itself', () => {
  it('is asked of the issuer, and names the only other hosts that are called', async () => {
    await createCache()();
    expect(called).toEqual([`${ISSUER}/.well-known/openid-configuration`]);
    expect(callable).toEqual([
      [ISSUER],
      ['https://tokens.example.net/token', 'https://keys.example.net/jwks'],
    ]);
  });

  it('is asked once for many logins, and again after an hour', async () => {
    const open = createCache();
    await Promise.all([open(), open(), open()]);
    await clock.advance(3_599_000);
    await open();
    expect(called).toHaveLength(1);
    await clock.advance(1_000);
    await open();
    expect(called).toHaveLength(2);
  });

  it('is kept while the provider is away, and its keys while they are in the same place', async () => {
    const open = createCache();
    const first = await open();
    await clock.advance(3_600_000);
    isAway = true;
    expect(await open()).toBe(first);
    isAway = false;
    const second = await open();
    expect(second).not.toBe(first);
    expect(second.verifier).toBe(first.verifier);
    await clock.advance(3_600_000);
    change = { jwks_uri: 'https://keys.example.net/new' };
    expect((await open()).verifier).not.toBe(first.verifier);
  });

  it('is asked again at once after it could not be had', async () => {
    isAway = true;
    const open = createCache();
    await expect(open()).rejects.toMatchObject({ cause: { message: 'away' } });
    isAway = false;
    await open();
  });

  it.each<[string, Record<string, unknown>]>([
    ['this machine', { token_endpoint: 'https://127.0.0.1/token' }],
    ['this machine by name', { jwks_uri: 'https://localhost/jwks' }],
    ['plain http', { token_endpoint: 'http://tokens.example.net/token' }],
    ['plain http on this machine', { userinfo_endpoint: 'http://127.0.0.1/me' }],
    ['a name with a slash more', { issuer: `${ISSUER}/` }],
    ['a name in capitals', { issuer: 'https://LOGIN.example.com' }],
  ])('INP-02: is refused where it names %s', async (_, changed) => {
    change = changed;
    await expect(createCache()()).rejects.toEqual(FAILS);
  });

  it('is refused where it names a pattern instead of itself', async () => {
    change = { issuer: 'https://login.microsoftonline.com/{tenantid}/v2.0' };
    await expect(createCache('https://login.microsoftonline.com/common/v2.0')()).rejects.toEqual(FAILS);
  });
});
