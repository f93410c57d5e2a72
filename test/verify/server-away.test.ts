import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { ASKING, openVerifyScene, type VerifyScene } from '../support/verifying/scene.ts';
import { NOW } from '../support/verifying/token-server.ts';

let scene: VerifyScene;

beforeEach(async () => {
  scene = await openVerifyScene();
});

afterEach(() => scene[Symbol.asyncDispose]());

describe('a server that is away', () => {
  it('without introspection: tokens go on for as long as is stated, and then none does', async () => {
    const token = await scene.server.forge.sign();
    expect((await scene.bring(token)).ok).toBe(true);
    scene.server.isAway = true;
    await scene.clock.advance(59_999);
    expect((await scene.bring(token)).ok).toBe(true);
    await scene.clock.advance(1);
    expect(await scene.bring(token)).toMatchObject({ ok: false, status: 503 });
    scene.server.isAway = false;
    await scene.clock.advance(1_000);
    expect((await scene.bring(token)).ok, 'open again').toBe(true);
  });

  it('with introspection: what was live goes on for as long as is stated, what was never seen does not', async () => {
    scene.open({ ...ASKING, failClosedAfterSeconds: 30 });
    const token = await scene.server.forge.sign();
    expect((await scene.bring(token)).ok).toBe(true);
    scene.server.isAway = true;
    await scene.clock.advance(6_000);
    expect((await scene.bring(token)).ok, 'past the cache').toBe(true);
    expect(await scene.bring(await scene.server.forge.sign({ jti: 'tok_2' }))).toMatchObject({
      ok: false,
      status: 503,
    });
    await scene.clock.advance(24_000);
    expect(await scene.bring(token)).toMatchObject({ ok: false, status: 503 });
    expect((await scene.bring(await scene.server.forge.sign())).ok).toBe(false);
  });

  it('that answers nothing sensible about tokens is as good as away', async () => {
    scene.open({ ...ASKING, failClosedAfterSeconds: 30 });
    const token = await scene.server.forge.sign();
    expect((await scene.bring(token)).ok).toBe(true);
    scene.server.answers.set('/oauth/introspect', '<html>');
    await scene.clock.advance(29_999);
    expect((await scene.bring(token)).ok).toBe(true);
    await scene.clock.advance(1_000);
    expect(await scene.bring(token)).toMatchObject({ ok: false, status: 503 });
  });

  it('is refused for, and no more, where the service’s own log throws', async () => {
    const onError = (): never => {
      throw new Error('the disk is full');
    };
    scene.open({ ...ASKING, events: true, onError });
    scene.server.isAway = true;
    expect(await scene.bring(await scene.server.forge.sign())).toMatchObject({ ok: false, status: 503 });
    const threw: unknown[] = [];
    const note = (error: unknown) => threw.push(error);
    process.on('unhandledRejection', note);
    scene.server.cut();
    await until('following again', async () => {
      await scene.clock.advance(1_000);
      return scene.server.begun.length > 1;
    });
    process.off('unhandledRejection', note);
    expect(threw).toEqual([]);
  });

  it('is asked at most once a second, whatever comes', async () => {
    scene.open(ASKING);
    await scene.bring(await scene.server.forge.sign());
    scene.server.isAway = true;
    for (let index = 0; index < 20; index += 1)
      await scene.bring(await scene.server.forge.sign({ jti: `tok_${index}` }));
    expect(scene.count('/oauth/introspect')).toBe(2);
  });
});

describe('revocation by introspection', () => {
  it('shows once an answer is older than the cache', async () => {
    scene.open({ ...ASKING, cacheSeconds: 3 });
    const token = await scene.server.forge.sign();
    expect((await scene.bring(token)).ok).toBe(true);
    scene.server.isActive = false;
    await scene.clock.advance(2_999);
    expect((await scene.bring(token)).ok).toBe(true);
    expect(scene.count('/oauth/introspect')).toBe(1);
    await scene.clock.advance(1);
    expect(await scene.bring(token)).toMatchObject({ status: 401, body: '{"error":"invalid_token"}' });
  });

  it('shows at once with a cache of 0 seconds', async () => {
    scene.open({ ...ASKING, cacheSeconds: 0 });
    const token = await scene.server.forge.sign();
    expect((await scene.bring(token)).ok).toBe(true);
    scene.server.isActive = false;
    expect((await scene.bring(token)).ok).toBe(false);
  });

  it('shows with a cache of 0 seconds though a question from before it is still on its way', async () => {
    scene.open({ ...ASKING, cacheSeconds: 0 });
    const token = await scene.server.forge.sign();
    const { promise, resolve } = Promise.withResolvers<void>();
    expect((await scene.bring(token)).ok).toBe(true);
    scene.server.holding = promise;
    const early = scene.bring(token);
    await until('asked', async () => scene.count('/oauth/introspect') === 2);
    scene.server.isActive = false;
    await scene.clock.advance(1);
    const late = scene.bring(token);
    await until('asked again', async () => scene.count('/oauth/introspect') === 3).finally(resolve);
    expect((await late).ok).toBe(false);
    await early;
    expect((await scene.bring(token)).ok).toBe(false);
  });

  it('is one question for all who bring the same token at once, and none for what is no token', async () => {
    scene.open(ASKING);
    const token = await scene.server.forge.sign();
    await Promise.all(Array.from({ length: 20 }, () => scene.bring(token)));
    await scene.bring(await scene.server.forge.sign({ exp: NOW / 1000 }));
    expect(scene.count('/oauth/introspect')).toBe(1);
  });

  it('INP-04: takes no answer that does not say it', async () => {
    scene.open(ASKING);
    for (const text of ['{"active":"true"}', '{}', 'true', '[]', '{"active":true']) {
      scene.server.answers.set('/oauth/introspect', text);
      expect([text, await scene.bring(await scene.server.forge.sign())]).toEqual([
        text,
        expect.objectContaining({ status: 503 }),
      ]);
      await scene.clock.advance(1_000);
    }
  });
});
