import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createVerifier, type Verifier } from '../../src/verify.ts';
import { createFakeClock, type FakeClock } from '../support/fakes/fake-clock.ts';
import { until } from '../support/until.ts';
import { AUDIENCE, NOW, startTokenServer, type TokenServer } from '../support/verifying/token-server.ts';

let server: TokenServer;
let clock: FakeClock;
let verifier: Verifier;
let errors: unknown[];
let tokens: Map<string, string>;

beforeEach(async () => {
  server = await startTokenServer();
  clock = createFakeClock(NOW);
  errors = [];
  tokens = new Map();
  verifier = createVerifier({
    issuer: server.url,
    audience: AUDIENCE,
    introspection: { id: 'orders', secret: 'a secret' },
    events: true,
    cacheSeconds: 1,
    failClosedAfterSeconds: 30,
    clock,
    onError: (error) => errors.push(error),
  });
  await until('following', async () => server.begun.length === 1);
});

afterEach(async () => {
  verifier.close();
  await server[Symbol.asyncDispose]();
});

/** The same text each time: two signatures of the same claims are two tokens. */
async function bring({ jti = 'tok_1' }: { readonly jti?: string } = {}): Promise<number> {
  const token = tokens.get(jti) ?? (await server.forge.sign({ jti }));
  tokens.set(jti, token);
  const authorization = `Bearer ${token}`;
  const verdict = await verifier.verify({ method: 'GET', path: '/', authorization, proof: undefined });
  return verdict.ok ? 200 : verdict.status;
}

const questions = () => server.calls.filter((path) => path === '/oauth/introspect').length;
const beat = (id = 7) => server.send(': still here', `id: ${id}`);

/** What the stream brings comes by a real connection: the token is brought until it is refused. */
const untilDead = () => until('refused', async () => (await bring()) === 401);

/** The stream is heard: a token is not asked about again after the cache's second. */
async function untilHeard(): Promise<void> {
  await until('the stream heard', async () => {
    beat();
    await bring({ jti: 'tok_probe' });
    await clock.advance(1_001);
    const before = questions();
    await bring({ jti: 'tok_probe' });
    return questions() === before;
  });
}

describe('a verifier that hears of revocations', () => {
  it('asks about a token once, and refuses it when it hears that it died', async () => {
    await untilHeard();
    expect(await bring()).toBe(200);
    const before = questions();
    await clock.advance(8_000);
    expect(await bring()).toBe(200);
    expect(questions()).toBe(before);
    server.send('event: revoked', 'id: 8', 'data: {"jti":"tok_1","grant_id":"gr_1"}');
    await untilDead();
    expect(await bring({ jti: 'tok_2' })).toBe(200);
  });

  it('believes no answer that was overtaken by the news', async () => {
    await untilHeard();
    expect(await bring({ jti: 'tok_2' })).toBe(200);
    const { promise, resolve } = Promise.withResolvers<void>();
    server.holding = promise;
    const before = questions();
    const brought = bring();
    await until('asked', async () => questions() > before);
    server.send('event: revoked', 'id: 8', 'data: {"jti":"tok_1","grant_id":"gr_1"}');
    server.send('event: revoked', 'id: 9', 'data: {"jti":"tok_2","grant_id":"gr_2"}');
    await until('the news', async () => (await bring({ jti: 'tok_2' })) === 401);
    resolve();
    expect(await brought).toBe(401);
  });

  it('asks again as soon as the stream breaks', async () => {
    await untilHeard();
    expect(await bring()).toBe(200);
    await clock.advance(2_000);
    expect(await bring()).toBe(200);
    server.isActive = false;
    server.cut();
    await untilDead();
  });

  it('asks again where it has heard nothing for too long, and closes after the stated time', async () => {
    await untilHeard();
    expect(await bring()).toBe(200);
    server.isActive = false;
    await clock.advance(12_000);
    expect(await bring()).toBe(401);
  });

  it('S15: asks again where it hears of others’ deaths and gets no sign of life', async () => {
    await untilHeard();
    expect(await bring()).toBe(200);
    for (const jti of ['tok_2', 'tok_3']) {
      await clock.advance(6_000);
      server.send('event: revoked', 'id: 8', `data: {"jti":"${jti}","grant_id":"gr_2"}`);
      await until('the news', async () => (await bring({ jti })) === 401);
    }
    server.isActive = false;
    expect(await bring()).toBe(401);
  });

  it('goes on from where it was when the stream breaks', async () => {
    await untilHeard();
    server.send(': still here', 'id: 41');
    server.send('event: revoked', 'id: 42', 'data: {"jti":"tok_3","grant_id":"gr_3"}');
    await until('refused', async () => (await bring({ jti: 'tok_3' })) === 401);
    server.cut();
    await until('back', async () => {
      await clock.advance(1_000);
      return server.begun.length > 1;
    });
    expect(server.begun.at(-1)).toBe('42');
  });

  it('believes nothing from before a reset', async () => {
    await untilHeard();
    expect(await bring()).toBe(200);
    await clock.advance(2_000);
    server.isActive = false;
    server.send('event: reset', 'id: 99', 'data: {}');
    await untilDead();
  });

  it('closes while the server is away, stream and all', async () => {
    await untilHeard();
    expect(await bring()).toBe(200);
    server.isAway = true;
    server.cut();
    await clock.advance(31_000);
    expect(await bring()).toBe(503);
  });

  it.each([
    ['data that is none', ['event: revoked', 'id: 5', 'data: nothing']],
    ['a revocation of nothing', ['event: revoked', 'id: 5', 'data: {}']],
    ['an event without end', [`data: ${'x'.repeat(70_000)}`]],
  ])('INP-04: leaves a stream with %s, and begins another', async (_, fields) => {
    await untilHeard();
    server.send(...fields);
    await until('begun again', async () => {
      await clock.advance(1_000);
      return server.begun.length > 1;
    });
    expect(errors.length).toBeGreaterThan(0);
  });
});
