import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ProofKey } from '../../../support/device-client.ts';
import {
  type Answer,
  askMe,
  askToken,
  logIn,
  makeProof,
  makeProofKey,
  postForm,
} from '../../../support/device-client.ts';
import { type OAuthServer, OTHER_CLIENT_ID, startOAuthServer } from '../../../support/oauth-server.ts';

const HOUR_MS = 3_600_000;

let server: OAuthServer;
let key: ProofKey;

beforeEach(async () => {
  server = await startOAuthServer();
  key = await makeProofKey();
});

afterEach(async () => {
  vi.useRealTimers();
  expect(server.errors).toEqual([]);
  await server[Symbol.asyncDispose]();
});

function refresh(refreshToken: string | undefined, by: ProofKey = key): Promise<Answer> {
  return askToken(server.url, by, { grant_type: 'refresh_token', refresh_token: refreshToken ?? '' });
}

/** Moves the clock of the whole process: the provider reads no other. */
function passTime(ms: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms });
}

describe('a login session', () => {
  it('OAU-04: is refreshed with the same refresh token, which stays the same', async () => {
    const tokens = await logIn(server.url, key);
    for (const round of [1, 2]) {
      const { status, body } = await refresh(tokens.refresh_token);
      expect([round, status, body.refresh_token]).toEqual([round, 200, tokens.refresh_token]);
      const me = await askMe(server.url, key, String(body.access_token));
      expect(me.status).toBe(200);
      expect(await me.json()).toMatchObject({ login: { method: 'device', strengths: ['pin'] } });
    }
  });

  it('OAU-04: ends, as an audit event, when its refresh token comes with another key', async () => {
    const tokens = await logIn(server.url, key);
    const stolen = await refresh(tokens.refresh_token, await makeProofKey());
    expect(stolen).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect((await refresh(tokens.refresh_token)).body.error).toBe('invalid_grant');
    expect((await askMe(server.url, key, tokens.access_token ?? '')).status).toBe(401);
    expect(server.events.at(-1)).toMatchObject({
      kind: 'session.refused',
      subject: 'dev:dev',
      detail: { because: 'another key' },
    });
  });

  it('OAU-04: a refresh token without a proof is refused, and the session goes on', async () => {
    const tokens = await logIn(server.url, key);
    const fields = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' };
    const answer = await postForm(`${server.url}/oauth/token`, { client_id: 'jit-cli', ...fields });
    expect(answer.status).toBe(400);
    expect((await refresh(tokens.refresh_token)).status).toBe(200);
  });

  it('OAU-04: ends when it was idle for too long, counted from the last refresh', async () => {
    const tokens = await logIn(server.url, key);
    passTime(HOUR_MS - 1000);
    expect((await refresh(tokens.refresh_token)).status).toBe(200);
    passTime(HOUR_MS - 1000);
    expect((await refresh(tokens.refresh_token)).status).toBe(200);
    passTime(HOUR_MS);
    expect((await refresh(tokens.refresh_token)).body.error).toBe('invalid_grant');
  });

  it('OAU-04: ends at its absolute end, however busy; its last access token with it', async () => {
    const login = { device: true, browser: true, sessionSeconds: 7200, idleSeconds: 3600 };
    await using busy = await startOAuthServer({ login });
    const tokens = await logIn(busy.url, key);
    const fields = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' };
    let last: Answer['body'] = {};
    for (const minutes of [50, 50, 19]) {
      passTime(minutes * 60_000);
      last = (await askToken(busy.url, key, fields)).body;
    }
    expect(last.expires_in).toBeLessThanOrEqual(60);
    passTime(60_000);
    expect((await askToken(busy.url, key, fields)).body.error).toBe('invalid_grant');
    expect((await askMe(busy.url, key, String(last.access_token))).status).toBe(401);
  });

  it('has access tokens that live for ten minutes', async () => {
    const tokens = await logIn(server.url, key);
    expect(tokens.expires_in).toBe(600);
    passTime(600_000);
    expect((await askMe(server.url, key, tokens.access_token ?? '')).status).toBe(401);
  });

  it('is over when its person is no longer there, and shows the groups of this moment', async () => {
    const tokens = await logIn(server.url, key);
    server.groups.set('dev:dev', ['engineers', 'dba']);
    const me = await askMe(server.url, key, tokens.access_token ?? '');
    expect(await me.json()).toMatchObject({ principal: { groups: ['engineers', 'dba'] } });
    await server.protocol.removeByAccount('dev:dev');
    expect((await askMe(server.url, key, tokens.access_token ?? '')).status).toBe(401);
    expect((await refresh(tokens.refresh_token)).body.error).toBe('invalid_grant');
  });
});

describe('what is left of a session that was ended meanwhile', () => {
  it('is no session: an access token without its grant is refused', async () => {
    const tokens = await logIn(server.url, key);
    const me = await askMe(server.url, key, tokens.access_token ?? '');
    const { sessionId } = (await me.json()) as { readonly sessionId: string };
    await server.protocol.remove('Grant', sessionId);
    expect((await askMe(server.url, key, tokens.access_token ?? '')).status).toBe(401);
    expect((await refresh(tokens.refresh_token)).body.error).toBe('invalid_grant');
  });
});

describe('a proof at the token endpoint', () => {
  it('TOK-03: is taken once, also when it comes 20 times at the same moment', async () => {
    const tokens = await logIn(server.url, key);
    const dpop = await makeProof(key, { htm: 'POST', htu: `${server.url}/oauth/token` });
    const token = tokens.refresh_token ?? '';
    const fields = { client_id: 'jit-cli', grant_type: 'refresh_token', refresh_token: token };
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => postForm(`${server.url}/oauth/token`, fields, { dpop })),
    );
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
    const refused = answers.filter((answer) => answer.status !== 200);
    expect(new Set(refused.map((answer) => answer.body.error))).toEqual(new Set(['invalid_dpop_proof']));
    expect((await refresh(token)).status).toBe(200);
  });
});

describe('logging out', () => {
  it('takes refresh and access token of that session, and of no other', async () => {
    const [tokens, others] = [await logIn(server.url, key), await logIn(server.url, key)];
    const fields = { client_id: 'jit-cli', token: tokens.refresh_token ?? '' };
    expect((await postForm(`${server.url}/oauth/revoke`, fields)).status).toBe(200);
    expect((await askMe(server.url, key, tokens.access_token ?? '')).status).toBe(401);
    expect((await refresh(tokens.refresh_token)).body.error).toBe('invalid_grant');
    expect((await askMe(server.url, key, others.access_token ?? '')).status).toBe(200);
    expect(server.events.at(-1)).toMatchObject({ kind: 'session.ended', detail: { because: 'logout' } });
  });

  it('TOK-05: answers 200 to any token and leaves those of another client untouched', async () => {
    const tokens = await logIn(server.url, key);
    const answers = [
      await postForm(`${server.url}/oauth/revoke`, { client_id: 'jit-cli', token: 'never seen' }),
      await postForm(`${server.url}/oauth/revoke`, {
        client_id: OTHER_CLIENT_ID,
        token: tokens.refresh_token ?? '',
      }),
    ];
    expect(answers[0]).toEqual({ status: 200, body: {} });
    expect(answers[1]).toEqual(answers[0]);
    expect((await refresh(tokens.refresh_token)).status).toBe(200);
  });

  it('is refused without a known client, without a token, and with a field given twice', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const send = async (body: string) =>
      (await fetch(`${server.url}/oauth/revoke`, { method: 'POST', body, headers: form })).status;
    expect(await send('token=x')).toBe(401);
    expect(await send('token=x&client_id=unknown')).toBe(401);
    expect(await send('client_id=jit-cli')).toBe(400);
    expect(await send('client_id=jit-cli&token=x&token=y')).toBe(400);
    expect(await send(`client_id=jit-cli&token=${'x'.repeat(20_000)}`)).toBe(413);
  });
});
