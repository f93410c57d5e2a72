import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHttp } from '../../../src/adapters/oauth/http.ts';
import type { JitError } from '../../../src/core/errors.ts';
import type { StoredSession } from '../../../src/core/ports/session.ts';
import { createSteppingClock } from '../../support/scripted-server/clock.ts';
import {
  beginLogin,
  connect,
  DEVICE,
  granted,
  pending,
  refused,
  scriptLogin,
  slowDown,
  TOKEN,
} from '../../support/scripted-server/oauth.ts';
import {
  type Reply,
  reset,
  type ScriptedServer,
  silence,
  startScriptedServer,
} from '../../support/scripted-server/server.ts';

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

describe('the polling of a device login', () => {
  it('DEV-02: every slow_down adds 5 s for good', async () => {
    scriptLogin(server, slowDown, pending, slowDown, pending, granted);
    const clock = createSteppingClock();
    await login(clock);
    expect(clock.sleeps).toEqual([5_000, 10_000, 10_000, 15_000, 15_000]);
  });

  it.each([
    ['invalid_client', 'unknown client'],
    ['invalid_grant', 'the code was used'],
    ['server_says_no', ''],
  ])('DEV-03: %s stops the polling with its own message', async (error, description) => {
    scriptLogin(server, pending, refused(error, description), granted);
    const failed = await failure(login());
    expect(failed.code).toBe('failed');
    expect(failed.message).toContain(error);
    expect(failed.message).toContain(description);
    expect(server.callsTo(TOKEN)).toHaveLength(2);
  });

  it.each<[string, Reply]>([
    ['a page', { headers: { 'content-type': 'text/html' }, body: '<h1>hello</h1>' }],
    ['half a document', { headers: { 'content-type': 'application/json' }, body: '{"access_token": "a' }],
    [
      'a bearer token',
      { json: { access_token: 'a', token_type: 'Bearer', expires_in: 60, refresh_token: 'r' } },
    ],
    ['no access token', { json: { token_type: 'DPoP', expires_in: 60, refresh_token: 'r' } }],
    ['no refresh token', { json: { access_token: 'a', token_type: 'DPoP', expires_in: 60 } }],
    ['a token without an end', { json: { access_token: 'a', token_type: 'DPoP', refresh_token: 'r' } }],
    ['tokens of the wrong types', { json: { access_token: 7, token_type: 'DPoP', expires_in: 60 } }],
    ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }],
    ['a refusal without a word', { status: 400, json: {} }],
    ['a refusal as a page', { status: 403, headers: { 'content-type': 'text/html' }, body: '<h1>no</h1>' }],
  ])('INP-04: %s instead of tokens is a clear error', async (_name, reply) => {
    scriptLogin(server, reply);
    expect(await failure(login())).toMatchObject({ code: 'bad_answer' });
    expect(server.callsTo(TOKEN)).toHaveLength(1);
  });

  it('DEV-04: a server that is away for a while is asked again, ever more slowly, for the same code', async () => {
    scriptLogin(server, reset, { status: 503 }, reset, { status: 429 }, pending, granted);
    const clock = createSteppingClock();
    await login(clock);
    expect(clock.sleeps).toEqual([5_000, 10_000, 20_000, 20_000, 20_000, 5_000]);
    const codes = server.callsTo(TOKEN).map((call) => new URLSearchParams(call.body).get('device_code'));
    expect(new Set(codes)).toEqual(new Set(['the-device-code']));
    expect(server.callsTo(DEVICE)).toHaveLength(1);
  });

  it('DEV-04: an answer that does not come in time counts as away', async () => {
    scriptLogin(server, silence, granted);
    const clock = createSteppingClock();
    await beginLogin(connect(server, { clock, http: createHttp({ timeoutMs: 200 }) })).session;
    expect(clock.sleeps).toEqual([5_000, 10_000]);
  });

  it('DEV-05: an expired code ends the login and no other is asked for', async () => {
    scriptLogin(server, pending, refused('expired_token'), granted);
    expect(await failure(login())).toMatchObject({ code: 'login_expired' });
    expect(server.callsTo(DEVICE)).toHaveLength(1);
    expect(server.callsTo(TOKEN)).toHaveLength(2);
  });

  it.each([12 * 3_600_000, -12 * 3_600_000])(
    'DEV-06: setting the wall clock by %i ms neither ends nor prolongs the code',
    async (jumpMs) => {
      scriptLogin(server, pending);
      const clock = createSteppingClock({ onSleep: (it) => it.setBack(jumpMs) });
      const startedAtMs = clock.monotonicMs();
      expect(await failure(login(clock))).toMatchObject({ code: 'login_expired' });
      expect(clock.monotonicMs() - startedAtMs).toBe(600_000);
      expect(server.callsTo(TOKEN)).toHaveLength(119);
    },
  );

  it('DEV-07: denied, expired and unreachable are three messages and three exit codes', async () => {
    scriptLogin(server, refused('access_denied'));
    const denied = await failure(login());
    scriptLogin(server, refused('expired_token'));
    const expired = await failure(login());
    scriptLogin(server, reset);
    const unreachable = await failure(login());
    const errors = [denied, expired, unreachable];
    expect(errors.map((error) => error.code)).toEqual(['login_denied', 'login_expired', 'unreachable']);
    expect(errors.map((error) => error.exitCode)).toEqual([3, 4, 8]);
    expect(new Set(errors.map((error) => error.message)).size).toBe(3);
  });
});
