import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSystemClock } from '../../../../src/adapters/clock.ts';
import { createAuthorization } from '../../../../src/adapters/oauth/authorization.ts';
import { createHttp } from '../../../../src/adapters/oauth/http.ts';
import { createSessionSource } from '../../../../src/client/session.ts';
import { fail } from '../../../../src/core/errors.ts';
import type { ProtocolStore } from '../../../../src/core/ports/protocol-store.ts';
import { askToken, makeProofKey, startDevice } from '../../../support/device-client.ts';
import { createMemoryProtocolStore } from '../../../support/fakes/memory-protocol-store.ts';
import { createMemoryKeychain } from '../../../support/keyrings/memory-keychain.ts';
import { type OAuthServer, startOAuthServer, TEST_PIN } from '../../../support/oauth-server.ts';
import { logIn } from '../../../support/programs/log-in.ts';

let server: OAuthServer;
let isAway = false;

/** The same store, which is there or not. */
function createSwitched(store: ProtocolStore): ProtocolStore {
  return new Proxy(store, {
    get: (target, name) => {
      const found: unknown = Reflect.get(target, name);
      if (typeof found !== 'function') return found;
      return async (...given: readonly unknown[]): Promise<unknown> => {
        if (isAway) throw fail('store_unreachable', { why: 'connection refused' });
        return await found.apply(target, given);
      };
    },
  });
}

beforeEach(async () => {
  isAway = false;
  server = await startOAuthServer({ protocol: createSwitched(createMemoryProtocolStore()) });
});

afterEach(() => server[Symbol.asyncDispose]());

const UNAVAILABLE = {
  error: 'temporarily_unavailable',
  error_description: 'the server cannot use its store now; try again',
};

async function post(path: string, fields: Readonly<Record<string, string>>, accept = 'application/json') {
  const body = new URLSearchParams({ client_id: 'jit-cli', ...fields });
  const response = await fetch(server.url + path, { method: 'POST', body, headers: { accept } });
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    text: await response.text(),
  };
}

describe('the provider while its store is away', () => {
  it('says to come back, in the words of OAuth, and calls nobody', async () => {
    const { session } = await logIn(server.url, { user: 'dev', pin: TEST_PIN });
    const { deviceCode } = await startDevice(server.url);
    isAway = true;
    const answers = [
      await post('/oauth/device', { scope: 'openid' }),
      await post('/oauth/token', {
        grant_type: 'refresh_token',
        refresh_token: session.refreshToken?.reveal() ?? '',
      }),
    ];
    for (const { status, retryAfter, text } of answers) {
      expect([status, retryAfter, JSON.parse(text)]).toEqual([503, '2', UNAVAILABLE]);
    }
    const poll = { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code: deviceCode };
    expect(await askToken(server.url, await makeProofKey(), poll)).toEqual({
      status: 503,
      body: UNAVAILABLE,
    });
    expect(server.errors).toEqual([]);
  });

  it('says it on a page to a browser', async () => {
    isAway = true;
    const { status, retryAfter, text } = await post(
      '/oauth/token',
      { grant_type: 'refresh_token', refresh_token: 'x' },
      'text/html',
    );
    expect([status, retryAfter]).toEqual([503, '2']);
    expect(text).toContain('This did not work');
    expect(text).toContain('temporarily_unavailable');
    expect(text).not.toContain('server_error');
  });

  it('keeps what is wrong with a request apart from that: an unknown grant type is one', async () => {
    isAway = true;
    expect((await post('/oauth/token', { grant_type: 'password' })).status).toBe(400);
  });
});

describe('a session that is renewed while the store is away', () => {
  it('S11: is kept: the server was not reached, and with the store it goes on', async () => {
    const { session } = await logIn(server.url, { user: 'dev', pin: TEST_PIN });
    const clock = createSystemClock();
    const keychain = createMemoryKeychain();
    const source = createSessionSource({
      server: server.url,
      keychain,
      lock: { run: async (_name, action) => await action() },
      authorization: createAuthorization({
        server: server.url,
        clock,
        http: createHttp(),
        clientId: 'jit-cli',
      }),
      clock,
    });
    await source.store(session);
    isAway = true;
    await expect(source.renew(session)).rejects.toMatchObject({ code: 'unreachable', exitCode: 8 });
    expect((await source.peek())?.refreshToken?.reveal()).toBe(session.refreshToken?.reveal());
    isAway = false;
    const renewed = await source.renew(session);
    expect(renewed.accessToken.reveal()).not.toBe(session.accessToken.reveal());
  });
});
