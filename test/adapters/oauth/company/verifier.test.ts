import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import { createVerifier, type Verifier } from '../../../../src/adapters/oauth/company/verifier.ts';
import { createFakeClock, type FakeClock } from '../../../support/fakes/fake-clock.ts';

const ISSUER = 'https://login.example.com';
const STARTED_AT = Date.UTC(2026, 10, 22, 12);

type Key = Awaited<ReturnType<typeof makeKey>>;

async function makeKey(kid: string) {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256' } };
}

let clock: FakeClock;
let published: readonly Key[];
let fetches: number;
let isAway: boolean;
let slowly: PromiseWithResolvers<void> | undefined;
let verifier: Verifier;

beforeEach(async () => {
  clock = createFakeClock(STARTED_AT);
  published = [await makeKey('one')];
  fetches = 0;
  isAway = false;
  slowly = undefined;
  verifier = createVerifier({
    issuer: ISSUER,
    clientId: 'jit',
    jwksUri: `${ISSUER}/jwks`,
    clock,
    fetch: async () => {
      fetches += 1;
      await slowly?.promise;
      return isAway
        ? new Response('', { status: 503 })
        : Response.json({ keys: published.map(({ jwk }) => jwk) });
    },
  });
});

async function sign(key: Key | undefined, claims: Record<string, unknown> = {}): Promise<string> {
  if (!key) throw new Error('no such key');
  const now = Math.floor(clock.now() / 1000);
  return new SignJWT({ iss: ISSUER, aud: 'jit', sub: 'u-1', iat: now, exp: now + 300, ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: key.kid })
    .sign(key.privateKey);
}

const FAILS = expect.objectContaining({ code: 'provider_failed' });

describe('the keys of the company', () => {
  it('are fetched once for many tokens, also when these come at once', async () => {
    const token = await sign(published[0]);
    await Promise.all(Array.from({ length: 20 }, () => verifier.verify(token)));
    await verifier.verify(token);
    expect(fetches).toBe(1);
  });

  it('are fetched again for a new one, so that a rotation is noticed by the first login', async () => {
    await verifier.verify(await sign(published[0]));
    await clock.advance(30_000);
    published = [await makeKey('two'), ...published];
    expect((await verifier.verify(await sign(published[0]))).sub).toBe('u-1');
    expect((await verifier.verify(await sign(published[1]))).sub).toBe('u-1');
    expect(fetches).toBe(2);
  });

  it('TOK-02: an unknown one makes them be fetched at most once in 30 s', async () => {
    await verifier.verify(await sign(published[0]));
    const stranger = await makeKey('stranger');
    for (let second = 0; second < 90; second += 1) {
      await expect(verifier.verify(await sign(stranger))).rejects.toEqual(FAILS);
      await clock.advance(1_000);
    }
    expect(fetches).toBe(1 + 2);
  });

  it('are fetched again after an hour, so that one that was taken back is good for no longer', async () => {
    const [old] = published;
    await verifier.verify(await sign(old));
    published = [await makeKey('two')];
    await clock.advance(3_599_000);
    await verifier.verify(await sign(old));
    await clock.advance(1_000);
    await expect(verifier.verify(await sign(old))).rejects.toEqual(FAILS);
  });

  it('may be out of reach for a moment, and then be there', async () => {
    isAway = true;
    await expect(verifier.verify(await sign(published[0]))).rejects.toEqual(FAILS);
    isAway = false;
    await clock.advance(1_000);
    expect((await verifier.verify(await sign(published[0]))).sub).toBe('u-1');
  });

  it('TOK-02: an unknown one makes them be fetched at most once in 30 s while that fails, too; known ones go on', async () => {
    await verifier.verify(await sign(published[0]));
    await clock.advance(30_000);
    isAway = true;
    const stranger = await makeKey('stranger');
    const refused = { code: 'provider_failed', message: expect.stringContaining('HTTP 503') };
    for (let second = 0; second < 60; second += 1) {
      await expect(verifier.verify(await sign(stranger))).rejects.toMatchObject(refused);
      expect((await verifier.verify(await sign(published[0]))).sub).toBe('u-1');
      await clock.advance(1_000);
    }
    expect(fetches).toBe(1 + 2);
  });

  it('are good for a day while they cannot be fetched, and looked for each 30 s once they are an hour old', async () => {
    const [old] = published;
    await verifier.verify(await sign(old));
    isAway = true;
    await clock.advance(3_600_000);
    for (let second = 0; second < 60; second += 1) {
      expect((await verifier.verify(await sign(old))).sub).toBe('u-1');
      await clock.advance(1_000);
    }
    expect(fetches).toBe(1 + 2);
    await clock.advance(82_739_000);
    expect((await verifier.verify(await sign(old))).sub).toBe('u-1');
    await clock.advance(1_000);
    await expect(verifier.verify(await sign(old))).rejects.toEqual(FAILS);
    isAway = false;
    published = [await makeKey('two')];
    await clock.advance(1_000);
    expect((await verifier.verify(await sign(published[0]))).sub).toBe('u-1');
    await expect(verifier.verify(await sign(old))).rejects.toEqual(FAILS);
  });

  it('that are known are not waited for because of a token with another, however slow the answer', async () => {
    await verifier.verify(await sign(published[0]));
    await clock.advance(30_000);
    slowly = Promise.withResolvers<void>();
    const waiting = verifier.verify(await sign(await makeKey('stranger')));
    expect((await verifier.verify(await sign(published[0]))).sub).toBe('u-1');
    slowly.resolve();
    await expect(waiting).rejects.toEqual(FAILS);
  });
});

describe('two clocks', () => {
  it.each([-60, -30, 0, 30, 60])('may be %i s apart', async (seconds) => {
    const at = Math.floor(clock.now() / 1000) + seconds;
    await verifier.verify(await sign(published[0], { iat: at, nbf: at, exp: at + 1 }));
  });

  it.each([-62, 62, 3_600])('may not be %i s apart', async (seconds) => {
    const at = Math.floor(clock.now() / 1000) + seconds;
    const token = await sign(published[0], { iat: at, exp: at + 1 });
    await expect(verifier.verify(token)).rejects.toEqual(FAILS);
  });
});

describe('whom an ID token is for', () => {
  it('may be others too, if it says that we are the party', async () => {
    const token = await sign(published[0], { aud: ['other', 'jit'], azp: 'jit' });
    expect((await verifier.verify(token)).sub).toBe('u-1');
  });

  it.each<Record<string, unknown>>([
    { aud: ['other', 'jit'] },
    { aud: ['jit'], azp: 'other' },
    { aud: 'jit', azp: 7 },
  ])('is not us: %j', async (claims) => {
    await expect(verifier.verify(await sign(published[0], claims))).rejects.toEqual(FAILS);
  });
});
