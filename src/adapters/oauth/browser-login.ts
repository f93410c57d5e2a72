import { fail, hasCode } from '../../core/errors.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Authorization, StoredSession } from '../../core/ports/session.ts';
import { SECOND_MS } from '../../core/time.ts';
import { type Callback, type CallbackListener, openCallbackListener } from './callback-listener.ts';
import type { CallbackPage } from './callback-page.ts';
import { type Connection, type ConnectionOptions, openConnection } from './connection.ts';
import { encodeDpopKey, generateDpopKey } from './dpop-key.ts';
import { raceInterrupt } from './interrupt.ts';
import { encodeDemand } from './login-demand.ts';
import { mapLoginError } from './map-error.ts';
import { decodeTokens, type TokenResponse } from './tokens.ts';

export type BrowserLoginOptions = Parameters<Authorization['browserLogin']>[0];

/** As long as the page at the server lives. */
const LIFE_SECONDS = 600;

/** One login through a browser on this machine; the contract is `Authorization.browserLogin`. */
export async function loginWithBrowser(
  connecting: ConnectionOptions,
  login: BrowserLoginOptions,
): Promise<StoredSession> {
  try {
    return await raceInterrupt(runLogin(connecting, login), login.signal);
  } catch (error) {
    throw mapLoginError(error, connecting.server);
  }
}

async function runLogin(connecting: ConnectionOptions, login: BrowserLoginOptions): Promise<StoredSession> {
  const { server } = connecting;
  const connection = await openConnection(connecting, login.signal);
  if (!connection.configuration.serverMetadata().authorization_endpoint)
    throw fail('login_not_offered', { server, way: 'browser' });
  const state = connection.client.randomState();
  const listener = await openCallbackListener(state);
  try {
    return await runWith(listener, { connecting, connection, login, state });
  } finally {
    await listener.close();
  }
}

type Login = {
  readonly connecting: ConnectionOptions;
  readonly connection: Connection;
  readonly login: BrowserLoginOptions;
  readonly state: string;
};

async function runWith(listener: CallbackListener, parts: Login): Promise<StoredSession> {
  const { connecting, connection, login, state } = parts;
  const { client, configuration } = connection;
  const pair = await generateDpopKey(client);
  const DPoP = connection.createProofs(pair);
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const address = client.buildAuthorizationUrl(configuration, {
    redirect_uri: listener.redirectUri,
    scope: 'openid offline_access',
    prompt: 'consent',
    state,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    dpop_jkt: await DPoP.calculateThumbprint(),
    jit_host: login.hostName,
    jit_purpose: login.purpose,
    ...encodeDemand(login.demand),
  });
  login.show({ address: address.href, expiresInSeconds: LIFE_SECONDS });
  const callback = await waitForBrowser(listener, parts);
  return answering(callback, async () => {
    requireCode(callback.url, connecting.server);
    const checks = { pkceCodeVerifier, expectedState: state };
    const response: TokenResponse = await client.authorizationCodeGrant(
      configuration,
      callback.url,
      checks,
      undefined,
      { DPoP },
    );
    const rest = {
      server: connecting.server,
      name: '',
      way: { kind: 'browser' },
      dpopKey: await encodeDpopKey(pair),
    } as const;
    return decodeTokens(response, { rest, now: connecting.clock.now() });
  });
}

async function waitForBrowser(listener: CallbackListener, { connecting, login }: Login): Promise<Callback> {
  const waiting = new AbortController();
  const signal = AbortSignal.any([login.signal, waiting.signal]);
  const over = sleepUntilOver(connecting.clock, signal).then((): never => {
    throw login.signal.aborted
      ? fail('interrupted', { why: 'the login was interrupted' })
      : fail('login_expired', {});
  });
  try {
    return await Promise.race([listener.received, over]);
  } finally {
    over.catch(() => undefined);
    waiting.abort();
  }
}

async function sleepUntilOver(clock: Clock, signal: AbortSignal): Promise<void> {
  const endsAtMonotonicMs = clock.monotonicMs() + LIFE_SECONDS * SECOND_MS;
  for (;;) {
    const leftMs = endsAtMonotonicMs - clock.monotonicMs();
    if (leftMs <= 0 || signal.aborted) return;
    await clock.sleep(leftMs, signal);
  }
}

/** The page says how it went; the browser waits for it as long as the exchange takes. */
async function answering<T>(callback: Callback, action: () => Promise<T>): Promise<T> {
  let page: CallbackPage = 'failed';
  try {
    const result = await action();
    page = 'logged_in';
    return result;
  } catch (error) {
    if (hasCode(error, 'login_denied')) page = 'denied';
    throw error;
  } finally {
    callback.answer(page);
  }
}

/** The answer must be this server's (RFC 9207), and say yes. */
function requireCode({ searchParams }: URL, server: string): void {
  if (searchParams.get('iss') !== server)
    throw fail('bad_answer', { address: server, why: 'what the browser brought is from another issuer' });
  const error = searchParams.get('error');
  if (error === 'access_denied') throw fail('login_denied', {});
  if (error !== null) throw fail('failed', { why: `the server refused the login (${error.slice(0, 64)})` });
}
