import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StoredSession } from '../../../src/core/ports/session.ts';
import { Secret } from '../../../src/core/secret.ts';
import { buildSession } from '../../support/fakes/fake-authorization.ts';
import { createSteppingClock } from '../../support/scripted-server/clock.ts';
import {
  beginLogin,
  buildMetadata,
  connect,
  granted,
  METADATA,
  pending,
  REVOKE,
  refused,
  scriptLogin,
  TOKEN,
  TOKENS,
} from '../../support/scripted-server/oauth.ts';
import { checkProof } from '../../support/scripted-server/proof.ts';
import {
  type Reply,
  reset,
  type ScriptedServer,
  startScriptedServer,
} from '../../support/scripted-server/server.ts';

let server: ScriptedServer;
const clock = createSteppingClock();

beforeEach(async () => {
  server = await startScriptedServer();
  scriptLogin(server);
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

function session(): StoredSession {
  return buildSession({ server: server.url });
}

describe('refreshing a session', () => {
  it('OAU-04: gives a new access token, bound to the same key, and keeps the refresh token', async () => {
    server.on(TOKEN, { json: { ...TOKENS, access_token: 'newer', refresh_token: undefined } });
    const before = session();
    const after = await connect(server, { clock }).refresh(before);
    expect(after.accessToken.reveal()).toBe('newer');
    expect(after.accessExpiresAt).toBe(clock.now() + 900_000);
    expect(after).toMatchObject({ refreshToken: before.refreshToken, dpopKey: before.dpopKey, name: 'dev' });
    const body = new URLSearchParams(server.callsTo(TOKEN)[0]?.body);
    expect(Object.fromEntries(body)).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'refresh-0',
      client_id: 'jit-cli',
    });
  });

  it('takes a new refresh token where the server gives one', async () => {
    const after = await connect(server, { clock }).refresh(session());
    expect(after.refreshToken?.reveal()).toBe('the-refresh-token');
  });

  it.each<[string, Reply, string]>([
    ['invalid_grant', refused('invalid_grant'), 'session_expired'],
    ['another error', refused('invalid_scope'), 'failed'],
    ['a closed connection', reset, 'unreachable'],
    ['a server that is down', { status: 503 }, 'unreachable'],
    ['a page', { headers: { 'content-type': 'text/html' }, body: '<h1>hi</h1>' }, 'bad_answer'],
    ['a bearer token', { json: { ...TOKENS, token_type: 'Bearer' } }, 'bad_answer'],
  ])('takes %s for what it is', async (_name, reply, code) => {
    server.on(TOKEN, reply);
    await expect(connect(server, { clock }).refresh(session())).rejects.toMatchObject({ code });
  });

  it('says when the key in the keychain is damaged, and does not show it', async () => {
    const damaged = { ...session(), dpopKey: new Secret('{"kty":"EC","d":"canary"}') };
    const failed: unknown = await connect(server, { clock })
      .refresh(damaged)
      .catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: 'keychain_unreadable' });
    expect(inspect(failed, { depth: 9 })).not.toContain('canary');
    expect(server.callsTo(TOKEN)).toEqual([]);
  });
});

describe('errors at the token endpoint', () => {
  it('I5: hold no token, however deep one looks', async () => {
    server.on(TOKEN, { json: { ...TOKENS, access_token: 'canary-1', refresh_token: ['canary-2'] } });
    const failed: unknown = await connect(server, { clock })
      .refresh(session())
      .catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: 'bad_answer' });
    expect(inspect(failed, { depth: 20, showHidden: true })).not.toContain('canary');
  });
});

describe('proofs at the token endpoint', () => {
  it('TOK-03: every poll has a proof of its own, for this endpoint, by the key of the session', async () => {
    scriptLogin(server, pending, pending, granted);
    const stored = await beginLogin(connect(server, { clock })).session;
    const proofs = await Promise.all(server.callsTo(TOKEN).map(checkProof));
    expect(proofs.map((proof) => proof.payload)).toEqual(
      Array.from({ length: 3 }, () => expect.objectContaining({ htm: 'POST', htu: server.url + TOKEN })),
    );
    expect(new Set(proofs.map((proof) => proof.payload.jti)).size).toBe(3);
    await connect(server, { clock }).refresh(stored);
    const later = await checkProof(server.callsTo(TOKEN).at(-1));
    expect(new Set([...proofs, later].map((proof) => proof.thumbprint)).size).toBe(1);
  });

  it('TOK-03: a nonce that the server asks for is given, once', async () => {
    const wantsNonce: Reply = {
      status: 400,
      headers: { 'dpop-nonce': 'n-1' },
      json: { error: 'use_dpop_nonce' },
    };
    server.on(TOKEN, wantsNonce, granted);
    await connect(server, { clock }).refresh(session());
    expect((await checkProof(server.callsTo(TOKEN)[1])).payload.nonce).toBe('n-1');
    server.on(TOKEN, wantsNonce);
    await expect(connect(server, { clock }).refresh(session())).rejects.toMatchObject({ code: 'failed' });
    expect(server.callsTo(TOKEN)).toHaveLength(4);
  });

  it.each([12, -12])('are dated by the server when this clock is %i h off', async (hours) => {
    const off = createSteppingClock({ startAt: Date.now() + hours * 3_600_000 });
    await connect(server, { clock: off }).refresh(session());
    const { payload } = await checkProof(server.callsTo(TOKEN)[0]);
    expect(Math.abs(Number(payload.iat) - Date.now() / 1000)).toBeLessThan(10);
  });

  it('are dated anew when the first was refused and only its refusal told the time', async () => {
    const off = createSteppingClock({ startAt: Date.now() + 12 * 3_600_000 });
    const cached = JSON.stringify(buildMetadata(server));
    const metadataCache = { read: async () => cached, write: async () => undefined };
    server.on(TOKEN, refused('invalid_dpop_proof'), granted);
    await connect(server, { clock: off, metadataCache }).refresh(session());
    const { payload } = await checkProof(server.callsTo(TOKEN)[1]);
    expect(Math.abs(Number(payload.iat) - Date.now() / 1000)).toBeLessThan(10);
    expect(server.callsTo(METADATA)).toEqual([]);
  });
});

describe('revoking a session', () => {
  it('names the refresh token in the body, and in no address', async () => {
    server.on(REVOKE, { status: 200 });
    await connect(server, { clock }).revoke(session());
    const [call] = server.callsTo(REVOKE);
    expect(Object.fromEntries(new URLSearchParams(call?.body))).toEqual({
      token: 'refresh-0',
      token_type_hint: 'refresh_token',
      client_id: 'jit-cli',
    });
    expect(server.calls.every((seen) => !seen.url.includes('refresh-0'))).toBe(true);
  });

  it.each<[string, Reply, string]>([
    ['a closed connection', reset, 'unreachable'],
    ['a server that is down', { status: 503 }, 'unreachable'],
    ['a refusal', refused('unsupported_token_type'), 'failed'],
    ['an unknown page', { status: 404 }, 'bad_answer'],
  ])('takes %s for what it is', async (_name, reply, code) => {
    server.on(REVOKE, reply);
    await expect(connect(server, { clock }).revoke(session())).rejects.toMatchObject({ code });
  });
});
