import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signProof } from '../../src/adapters/backends/dpop-proof.ts';
import { buildStepUpChallenge } from '../../src/server/authenticate.ts';
import { type JitServer, type Someone, startJitServer } from '../support/programs/jit-server.ts';

const STRONG = `
@id("strong-logins-read")
@login_within("15m")
@login_strength("mfa, hwk")
permit (principal in Group::"engineers", action == Action::"activate", resource == Scope::"prod:api.read");`;

const ASKED = {
  scopes: ['prod:api.read'],
  target: 'orders-api',
  durationSeconds: 600,
  reason: 'INC-4211 slow checkout',
  ticket: null,
  extendsGrantId: null,
  breakGlass: false,
};

let folder: string;
let server: JitServer;
let dev: Someone;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jit-step-up-'));
  await writeFile(join(folder, 'strong.cedar'), STRONG);
  server = await startJitServer({ config: { policiesFolder: folder } });
  dev = await server.logIn('dev');
});
afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

describe('/v1 where policy wants another login (RFC 9470)', () => {
  it('is a challenge that says which, and a problem document that says the same', async () => {
    const path = '/v1/requests';
    const proof = {
      method: 'POST',
      url: new URL(path, server.url),
      at: Date.now(),
      nonce: undefined,
    } as const;
    const response = await fetch(server.url + path, {
      method: 'POST',
      headers: {
        authorization: `DPoP ${dev.session.accessToken.reveal()}`,
        dpop: signProof(dev.session, proof),
        'content-type': 'application/json',
        'idempotency-key': crypto.randomUUID(),
      },
      body: JSON.stringify({
        scopes: ASKED.scopes,
        target: ASKED.target,
        duration_seconds: ASKED.durationSeconds,
        reason: ASKED.reason,
      }),
    });
    const challenge = response.headers.get('www-authenticate');
    expect([response.status, challenge]).toEqual([
      401,
      `DPoP realm="jit", algs="ES256 EdDSA Ed25519", resource_metadata="${server.url}/.well-known/oauth-protected-resource/v1", ` +
        'error="insufficient_user_authentication", max_age=900, acr_values="mfa hwk"',
    ]);
    expect(await response.json()).toMatchObject({
      code: 'step_up_needed',
      max_age: 900,
      acr_values: ['mfa', 'hwk'],
    });
  });

  it('reaches the client as what is asked for; nothing was stored', async () => {
    const submission = { ...ASKED, idempotencyKey: crypto.randomUUID() };
    await expect(dev.backend.submit(submission)).rejects.toMatchObject({
      code: 'step_up_needed',
      demand: { maxAgeSeconds: 900, strengths: ['mfa', 'hwk'] },
    });
    expect((await dev.backend.readStatus()).requests).toEqual([]);
  });
});

describe('the challenge', () => {
  it('names only what is asked for', () => {
    const url = 'https://jit.example.com';
    const build = (maxAgeSeconds: number | null, strengths: readonly string[]) =>
      buildStepUpChallenge(url, { maxAgeSeconds, strengths }).split('insufficient_user_authentication"')[1];
    expect(build(0, [])).toBe(', max_age=0');
    expect(build(null, ['mfa'])).toBe(', acr_values="mfa"');
  });

  it('is not ended by what a rule calls a strength', () => {
    const challenge = buildStepUpChallenge('https://jit.example.com', {
      maxAgeSeconds: null,
      strengths: ['a", realm="b', 'c\\', 'd\r\ne'],
    });
    expect(challenge).toMatch(/acr_values="a,realm=b c de"$/);
  });
});
