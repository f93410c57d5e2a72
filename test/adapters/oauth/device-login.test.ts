import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAuthorization } from '../../../src/adapters/oauth/authorization.ts';
import type { JitError } from '../../../src/core/errors.ts';
import type { StoredSession } from '../../../src/core/ports/session.ts';
import { createStandingClock, createSteppingClock } from '../../support/scripted-server/clock.ts';
import {
  beginLogin,
  buildDeviceAnswer,
  buildMetadata,
  connect,
  DEVICE,
  granted,
  METADATA,
  pending,
  scriptLogin,
  TOKEN,
} from '../../support/scripted-server/oauth.ts';
import { type ScriptedServer, silence, startScriptedServer } from '../../support/scripted-server/server.ts';

let server: ScriptedServer;

beforeEach(async () => {
  server = await startScriptedServer();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

function login(clock = createSteppingClock()): Promise<StoredSession> {
  return beginLogin(connect(server, { clock })).session;
}

async function failure(session: Promise<unknown>): Promise<JitError> {
  return session.then(
    () => expect.unreachable('it should have failed'),
    (error: JitError) => error,
  );
}

describe('a device login', () => {
  it('gives a session with tokens and a private key, and nothing of it readable by accident', async () => {
    scriptLogin(server, pending, granted);
    const clock = createSteppingClock();
    const session = await login(clock);
    expect(session).toMatchObject({ server: server.url, name: '', accessExpiresAt: clock.now() + 900_000 });
    expect(session.accessToken.reveal()).toBe('the-access-token');
    expect(session.refreshToken?.reveal()).toBe('the-refresh-token');
    expect(JSON.parse(session.dpopKey.reveal())).toMatchObject({
      kty: 'EC',
      crv: 'P-256',
      d: expect.any(String),
    });
    expect(JSON.stringify(session)).not.toContain('the-access-token');
  });

  it('asks for the login that policy wants (RFC 9470)', async () => {
    const demand = { maxAgeSeconds: 300, strengths: ['mfa', 'hwk'] };
    scriptLogin(server);
    await connect(server, { clock: createSteppingClock() }).deviceLogin({
      hostName: 'laptop',
      purpose: 'jit login',
      demand,
      show: () => undefined,
      signal: new AbortController().signal,
    });
    const body = new URLSearchParams(server.callsTo(DEVICE)[0]?.body);
    expect(Object.fromEntries(body)).toMatchObject({ max_age: '300', acr_values: 'mfa hwk' });
  });

  it('says who asks and what for, and asks for a session that lasts', async () => {
    scriptLogin(server);
    await login();
    const body = new URLSearchParams(server.callsTo(DEVICE)[0]?.body);
    expect(Object.fromEntries(body)).toEqual({
      client_id: 'jit-cli',
      scope: 'openid offline_access',
      jit_host: 'laptop',
      jit_purpose: 'jit login',
    });
  });

  it('DEV-01: polls every 5 s when the server names no interval', async () => {
    scriptLogin(server, pending, pending, granted);
    const clock = createSteppingClock();
    await login(clock);
    expect(clock.sleeps).toEqual([5_000, 5_000, 5_000]);
  });

  it('DEV-01: keeps to the interval that the server names', async () => {
    scriptLogin(server, pending, granted);
    server.on(DEVICE, { json: { ...buildDeviceAnswer(server), interval: 7 } });
    const clock = createSteppingClock();
    await login(clock);
    expect(clock.sleeps).toEqual([7_000, 7_000]);
  });

  it.each([
    ['an interval of nothing', { interval: 0 }],
    ['an interval below nothing', { interval: -5 }],
    ['an interval that is text', { interval: 'often' }],
    ['an interval of a day', { interval: 86_400 }],
    ['an interval longer than the code lasts', { interval: 60, expires_in: 30 }],
    ['a code that has ended', { expires_in: -1 }],
    ['a code that lasts for ever', { expires_in: 1e15 }],
    ['a code without an end', { expires_in: undefined }],
    ['no code for people', { user_code: undefined }],
    ['a code nobody can type', { user_code: 'B'.repeat(4_000) }],
    ['a page that is a script', { verification_uri: 'javascript:alert(1)' }],
    ['a complete page in the clear', { verification_uri_complete: 'http://login.example.com/device' }],
  ])('DEV-01: %s is a clear error, and nothing is polled', async (_name, wrong) => {
    scriptLogin(server);
    server.on(DEVICE, { json: { ...buildDeviceAnswer(server), ...wrong } });
    const begun = beginLogin(connect(server, { clock: createSteppingClock() }));
    expect(await failure(begun.session)).toMatchObject({ code: 'bad_answer' });
    expect(begun.prompts).toEqual([]);
    expect(server.callsTo(TOKEN)).toEqual([]);
  });

  it('DEV-08: the code is handed over to be shown, once, even with a complete link', async () => {
    scriptLogin(server, pending, granted);
    const begun = beginLogin(connect(server, { clock: createSteppingClock() }));
    await begun.session;
    expect(begun.prompts).toEqual([
      {
        userCode: 'BCDF-GHJK',
        verificationUri: `${server.url}/device`,
        verificationUriComplete: `${server.url}/device?user_code=BCDF-GHJK`,
        expiresInSeconds: 600,
      },
    ]);
  });

  it.each(['http://jit.example.com', 'http://127.0.0.1.example.com', 'http://10.0.0.7:7420', 'http://[::2]'])(
    'DEV-09: %s is refused before anything is sent',
    (address) => {
      const create = (): unknown =>
        createAuthorization({
          server: address,
          clientId: 'jit-cli',
          clock: createSteppingClock(),
          http: { send: () => expect.unreachable('nothing may be sent') },
        });
      expect(create).toThrow(expect.objectContaining({ code: 'insecure_server' }));
    },
  );

  it('DEV-09: metadata on loopback cannot send the client to plain http elsewhere', async () => {
    scriptLogin(server);
    const token = 'http://login.example.com/token';
    server.on(METADATA, { json: { ...buildMetadata(server), token_endpoint: token } });
    expect(await failure(login())).toMatchObject({ code: 'insecure_server' });
  });

  it.each([
    ['while it waits', pending, 'asleep'],
    ['while a poll is not answered', silence, TOKEN],
  ])('Ctrl-C ends it at once %s', async (_name, reply, moment) => {
    scriptLogin(server, reply);
    const interrupt = new AbortController();
    const clock = moment === 'asleep' ? createStandingClock() : undefined;
    const begun = beginLogin(connect(server, { clock: clock ?? createSteppingClock() }), interrupt.signal);
    await (clock ? clock.asleep() : server.arrival(moment));
    interrupt.abort();
    expect(await failure(begun.session)).toMatchObject({ code: 'interrupted', exitCode: 130 });
  });

  it('Ctrl-C ends it at once while the server is looked for', async () => {
    server.on(METADATA, silence);
    const interrupt = new AbortController();
    const begun = beginLogin(connect(server, { clock: createSteppingClock() }), interrupt.signal);
    await server.arrival(METADATA);
    interrupt.abort();
    expect(await failure(begun.session)).toMatchObject({ code: 'interrupted' });
  });

  it('Ctrl-C ends it at once even when nothing below listens', async () => {
    const interrupt = new AbortController();
    const sent = Promise.withResolvers<void>();
    const deaf = {
      send: () => {
        sent.resolve();
        return new Promise<never>(() => undefined);
      },
    };
    const begun = beginLogin(connect(server, { clock: createSteppingClock(), http: deaf }), interrupt.signal);
    await sent.promise;
    interrupt.abort();
    expect(await failure(begun.session)).toMatchObject({ code: 'interrupted' });
  });
});
