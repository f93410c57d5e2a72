import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFormBrowser } from '../../../../src/adapters/form-browser.ts';
import { IN_MEMORY, openSqliteStore } from '../../../../src/adapters/store/sqlite/open.ts';
import {
  approve,
  askMe,
  askToken,
  DEVICE_GRANT,
  logIn,
  makeProofKey,
  openConfirmation,
  poll,
  startDevice,
} from '../../../support/device-client.ts';
import { type OAuthServer, OTHER_CLIENT_ID, startOAuthServer } from '../../../support/oauth-server.ts';

let server: OAuthServer;

beforeEach(async () => {
  server = await startOAuthServer();
});

afterEach(async () => {
  vi.useRealTimers();
  expect(server.errors).toEqual([]);
  await server[Symbol.asyncDispose]();
});

describe('a device login', () => {
  it('ends in a session that /v1 knows, and is recorded', async () => {
    const key = await makeProofKey();
    const tokens = await logIn(server.url, key);
    expect(tokens).toMatchObject({ token_type: 'DPoP', scope: 'openid offline_access' });
    const me = await askMe(server.url, key, tokens.access_token ?? '');
    expect(await me.json()).toMatchObject({
      principal: { subject: 'dev:dev', name: 'dev', kind: 'person', groups: ['engineers'] },
      login: { method: 'device' },
    });
    const event = { kind: 'session.started', subject: 'dev:dev' };
    expect(server.events).toMatchObject([{ ...event, detail: { host: 'laptop', address: '127.0.0.1' } }]);
  });

  it('is pending until someone approves, and says how often to ask', async () => {
    const key = await makeProofKey();
    const { deviceCode, body } = await startDevice(server.url);
    expect(body).toMatchObject({ interval: 5, expires_in: 600, verification_uri: `${server.url}/device` });
    expect(await poll(server.url, key, deviceCode)).toMatchObject({
      status: 400,
      body: { error: 'authorization_pending' },
    });
  });

  it('says every time that it was denied', async () => {
    const key = await makeProofKey();
    const { deviceCode, userCode } = await startDevice(server.url);
    const { browser, page } = await openConfirmation(server.url, userCode);
    expect((await browser.submit(page, { decision: 'deny' })).html).toContain('The login was denied');
    for (const wait of [0, 5000]) {
      server.clock.skewMs += wait;
      expect((await poll(server.url, key, deviceCode)).body.error).toBe('access_denied');
    }
    // No session came about: an auditor who looks for one must not be sent after the code.
    expect(server.events).toMatchObject([{ kind: 'session.refused', subject: 'dev:dev', sessionId: null }]);
  });

  it('DEV-11: a device code has 128 bits or more, and is nowhere in the store', async () => {
    const { deviceCode, userCode } = await startDevice(server.url);
    expect(Buffer.from(deviceCode, 'base64url').length * 8).toBeGreaterThanOrEqual(128);
    const key = await makeProofKey();
    await approve(server.url, userCode);
    const { body } = await poll(server.url, key, deviceCode);
    const secrets = [deviceCode, userCode.replace('-', ''), body.access_token, body.refresh_token];
    for (const secret of secrets) expect(server.protocol.dump()).not.toContain(secret);
  });

  it('DEV-12: a code lives for ten minutes and then says that it has expired', async () => {
    const { deviceCode, userCode } = await startDevice(server.url);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 600_000 });
    const key = await makeProofKey();
    expect((await poll(server.url, key, deviceCode)).body.error).toBe('expired_token');
    const { page } = await openConfirmation(server.url, userCode);
    expect(page.html).toContain('That code cannot be used');
  });

  it('DEV-13: a code is taken in any case and with any separators', async () => {
    const { userCode } = await startDevice(server.url);
    expect(userCode).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
    const typed = [...userCode.replace('-', '').toLowerCase()].join(' . ');
    const { page } = await openConfirmation(server.url, typed);
    expect(page.html).toContain('Is that you?');
    expect(page.html).toContain(userCode);
  });

  it('DEV-14: a device code is of no use to another client', async () => {
    const key = await makeProofKey();
    const { deviceCode, userCode } = await startDevice(server.url);
    await approve(server.url, userCode);
    const stolen = { grant_type: DEVICE_GRANT, device_code: deviceCode, client_id: OTHER_CLIENT_ID };
    expect(await askToken(server.url, key, stolen)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    });
    expect((await poll(server.url, key, deviceCode)).status).toBe(200);
  });

  it('DEV-15: 50 parallel polls give one token, which works', async () => {
    const key = await makeProofKey();
    const { deviceCode, userCode } = await startDevice(server.url);
    await approve(server.url, userCode);
    const answers = await Promise.all(Array.from({ length: 50 }, () => poll(server.url, key, deviceCode)));
    const won = answers.filter((answer) => answer.status === 200);
    expect(won).toHaveLength(1);
    for (const { body } of answers.filter((answer) => answer.status !== 200)) {
      expect(['slow_down', 'invalid_grant']).toContain(body.error);
    }
    expect((await askMe(server.url, key, String(won[0]?.body.access_token))).status).toBe(200);
  });

  it('DEV-15: the same on SQLite', async () => {
    const { protocol, close } = await openSqliteStore({ path: IN_MEMORY });
    await using onDisk = await startOAuthServer({ protocol });
    const key = await makeProofKey();
    const { deviceCode, userCode } = await startDevice(onDisk.url);
    await approve(onDisk.url, userCode);
    const answers = await Promise.all(Array.from({ length: 50 }, () => poll(onDisk.url, key, deviceCode)));
    const won = answers.filter((answer) => answer.status === 200);
    expect(won).toHaveLength(1);
    expect((await askMe(onDisk.url, key, String(won[0]?.body.access_token))).status).toBe(200);
    expect((await poll(onDisk.url, key, deviceCode)).body.error).toBe('invalid_grant');
    await close();
  });

  it('DEV-15: a late poll with the same key gets invalid_grant and changes nothing', async () => {
    const key = await makeProofKey();
    const { deviceCode, userCode } = await startDevice(server.url);
    await approve(server.url, userCode);
    const { body } = await poll(server.url, key, deviceCode);
    expect((await poll(server.url, key, deviceCode)).body.error).toBe('invalid_grant');
    expect((await askMe(server.url, key, String(body.access_token))).status).toBe(200);
  });

  it('DEV-15: a late poll that proves another key ends the session', async () => {
    const [key, otherKey] = [await makeProofKey(), await makeProofKey()];
    const { deviceCode, userCode } = await startDevice(server.url);
    await approve(server.url, userCode);
    const { body } = await poll(server.url, key, deviceCode);
    expect((await poll(server.url, otherKey, deviceCode)).body.error).toBe('invalid_grant');
    expect((await askMe(server.url, key, String(body.access_token))).status).toBe(401);
    const refresh = { grant_type: 'refresh_token', refresh_token: String(body.refresh_token) };
    expect((await askToken(server.url, key, refresh)).body.error).toBe('invalid_grant');
    expect(server.events.map((event) => event.kind)).toEqual(['session.started', 'session.refused']);
  });

  it('DEV-16: a poll before its time gets slow_down', async () => {
    const key = await makeProofKey();
    const { deviceCode } = await startDevice(server.url);
    const errors: unknown[] = [];
    for (const wait of [0, 100, 2900, 1100]) {
      server.clock.skewMs += wait;
      errors.push((await poll(server.url, key, deviceCode)).body.error);
    }
    expect(errors).toEqual(['authorization_pending', 'slow_down', 'slow_down', 'authorization_pending']);
  });

  it('is decided once: of many answers at the same moment the first counts', async () => {
    const { userCode } = await startDevice(server.url);
    const decided = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        server.deviceLogin.decide({
          userCode,
          decision: index % 2 ? 'approve' : 'deny',
          subject: 'dev:dev',
          authenticatedAt: server.clock.now(),
          strengths: ['pin'],
        }),
      ),
    );
    expect(decided.filter(Boolean)).toHaveLength(1);
  });

  it('is not there when the configuration turns it off: OAU-07', async () => {
    const login = { device: false, browser: true, sessionSeconds: 60, idleSeconds: 60 };
    await using other = await startOAuthServer({ login });
    const response = await fetch(`${other.url}/oauth/device`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: 'jit-cli' }),
    });
    expect(response.status).toBe(404);
  });
});

describe('what a program claims of itself', () => {
  it('is refused when it is too long', async () => {
    const { body } = await startDevice(server.url, { jit_host: 'x'.repeat(201) });
    expect(body.error).toBe('invalid_request');
  });

  it('S12: reaches the page without markup, controls or turned directions', async () => {
    const { userCode } = await startDevice(server.url, { jit_host: '<b>\u202eevil\u0007</b>' });
    const { page } = await openConfirmation(server.url, userCode, { browser: createFormBrowser() });
    expect(page.html).toContain('&lt;b&gt;evil &lt;/b&gt;');
    expect(page.html).not.toMatch(/[\u202e\u0007]/);
  });
});
