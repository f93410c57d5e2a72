import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { ASKING, openVerifyScene, type VerifyScene } from '../support/verifying/scene.ts';

let scene: VerifyScene;
let tokens: Map<string, string>;

beforeEach(async () => {
  scene = await openVerifyScene();
  tokens = new Map();
});

afterEach(() => scene[Symbol.asyncDispose]());

async function follow(options: { readonly cacheSeconds: number; readonly failClosedAfterSeconds: number }) {
  scene.open({ ...ASKING, ...options, events: true });
  await untilBegun(1);
  await untilHeard();
}

const untilBegun = (count: number) =>
  until('following', async () => {
    if (scene.server.begun.length >= count) return true;
    await scene.clock.advance(1_000);
    return false;
  });

async function bring(jti: string): Promise<number> {
  const token = tokens.get(jti) ?? (await scene.server.forge.sign({ jti }));
  tokens.set(jti, token);
  const verdict = await scene.bring(token);
  return verdict.ok ? 200 : verdict.status;
}

const revoke = (jti: string, id: number) =>
  scene.server.send('event: revoked', `id: ${id}`, `data: {"jti":"${jti}","grant_id":"gr_1"}`);

/** A token that the server calls live is refused once the stream has said that it died. */
const untilDead = (jti: string) => until('heard', async () => (await bring(jti)) === 401);

/** The stream brings what is sent: a probe that is revoked is refused, while the server would call it live. */
let probes = 0;
async function untilHeard(): Promise<void> {
  probes += 1;
  const probe = `tok_probe_${probes}`;
  revoke(probe, 1_000 + probes);
  scene.server.send(': still here', `id: ${1_000 + probes}`);
  await untilDead(probe);
}

describe('a token that died while its answer would have been believed for long', () => {
  it('is not live again when its death is forgotten', async () => {
    await follow({ cacheSeconds: 3_000, failClosedAfterSeconds: 3_000 });
    expect([await bring('tok_1'), await bring('tok_2')]).toEqual([200, 200]);
    revoke('tok_1', 2_000);
    await untilDead('tok_1');
    await scene.clock.advance(601_000);
    await untilBegun(2);
    revoke('tok_2', 2_001);
    await untilDead('tok_2');
    scene.server.isActive = false;
    expect(await bring('tok_1')).toBe(401);
  });

  it('is not live again while the server is away', async () => {
    await follow({ cacheSeconds: 1, failClosedAfterSeconds: 3_000 });
    expect([await bring('tok_1'), await bring('tok_2')]).toEqual([200, 200]);
    revoke('tok_1', 2_000);
    await untilDead('tok_1');
    await scene.clock.advance(601_000);
    await untilBegun(2);
    revoke('tok_2', 2_001);
    await untilDead('tok_2');
    scene.server.isAway = true;
    expect(await bring('tok_1')).toBe(503);
  });

  it('is asked about after a reset, however long answers are believed', async () => {
    await follow({ cacheSeconds: 3_000, failClosedAfterSeconds: 3_000 });
    expect(await bring('tok_1')).toBe(200);
    await scene.clock.advance(1);
    scene.server.isActive = false;
    scene.server.send('event: reset', 'id: 3000', 'data: {}');
    await untilDead('tok_1');
  });
});

describe('a stream that broke', () => {
  it('is not believed to be complete with the first revocation that was missed', async () => {
    await follow({ cacheSeconds: 1, failClosedAfterSeconds: 60 });
    expect([await bring('tok_1'), await bring('tok_2')]).toEqual([200, 200]);
    scene.server.cut();
    await untilBegun(2);
    revoke('tok_2', 2_000);
    await untilDead('tok_2');
    scene.server.isActive = false;
    await scene.clock.advance(1_001);
    expect(await bring('tok_1'), 'its own revocation is still to come').toBe(401);
  });

  it('counts until it broke: a token goes on from there, however long ago it was asked about', async () => {
    await follow({ cacheSeconds: 1, failClosedAfterSeconds: 60 });
    expect(await bring('tok_1')).toBe(200);
    for (let round = 0; round < 5; round += 1) {
      await scene.clock.advance(10_000);
      await untilHeard();
    }
    scene.server.isAway = true;
    scene.server.cut();
    await scene.clock.advance(25_000);
    expect(await bring('tok_1'), 'asked about 75 seconds ago, heard of 25 seconds ago').toBe(200);
    await scene.clock.advance(36_000);
    expect(await bring('tok_1')).toBe(503);
  });
});
