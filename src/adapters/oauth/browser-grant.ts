import { fail, hasCode } from '../../core/errors.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { BrowserPrompt } from '../../core/ports/session.ts';
import { SECOND_MS } from '../../core/time.ts';
import { type Callback, type CallbackListener, openCallbackListener } from './callback-listener.ts';
import type { CallbackPage } from './callback-page.ts';
import type { Connection } from './connection.ts';
import type { CryptoKeyPair } from './openid-client.ts';

/** As long as the page at the server lives. */
const LIFE_SECONDS = 600;

export type CodeAnswer = Awaited<ReturnType<Connection['client']['authorizationCodeGrant']>>;

export type BrowserGrant<T> = {
  readonly clock: Clock;
  /** Besides those of RFC 8252 and PKCE. */
  readonly parameters: Readonly<Record<string, string>>;
  /** What `resource` is also said with at the token endpoint (RFC 8707 §2.2). */
  readonly tokenParameters: Readonly<Record<string, string>>;
  /** The key that the tokens are to be bound to (RFC 9449 §10). */
  readonly pair: CryptoKeyPair | undefined;
  readonly show: (prompt: BrowserPrompt) => void;
  readonly signal: AbortSignal;
  /** Throws for an answer that has no code, or is another server's. The library checks the rest. */
  readonly requireCode: (callback: URL) => void;
  /** What is made of the tokens; the browser waits for it, and is told how it went. */
  readonly finish: (answer: CodeAnswer) => Promise<T>;
  readonly pages: {
    readonly good: CallbackPage;
    readonly denied: CallbackPage;
    readonly failed: CallbackPage;
  };
};

/** RFC 8252 on a loopback port, with PKCE: from the address that is shown to what is made of the tokens. */
export async function runBrowserGrant<T>(connection: Connection, grant: BrowserGrant<T>): Promise<T> {
  const state = connection.client.randomState();
  const listener = await openCallbackListener(state);
  try {
    return await runWith(listener, { connection, grant, state });
  } finally {
    await listener.close();
  }
}

type Running<T> = {
  readonly connection: Connection;
  readonly grant: BrowserGrant<T>;
  readonly state: string;
};

async function runWith<T>(listener: CallbackListener, { connection, grant, state }: Running<T>): Promise<T> {
  const { client, configuration, createProofs } = connection;
  const DPoP = grant.pair && createProofs(grant.pair);
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const address = await buildAddress(connection, {
    redirect_uri: listener.redirectUri,
    state,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    ...(DPoP ? { dpop_jkt: await DPoP.calculateThumbprint() } : {}),
    ...grant.parameters,
  });
  grant.show({ address: address.href, expiresInSeconds: LIFE_SECONDS });
  const callback = await waitForBrowser(listener, grant);
  const action = async (): Promise<T> => {
    grant.requireCode(callback.url);
    const checks = { pkceCodeVerifier, expectedState: state };
    const { tokenParameters } = grant;
    return grant.finish(
      await client.authorizationCodeGrant(
        configuration,
        callback.url,
        checks,
        { ...tokenParameters },
        DPoP && { DPoP },
      ),
    );
  };
  return answering(callback, { action, pages: grant.pages });
}

/** What is asked goes in the address, or first by itself to a server that takes it in no other way (RFC 9126 §5). */
async function buildAddress(
  { client, configuration }: Connection,
  parameters: Record<string, string>,
): Promise<URL> {
  return configuration.serverMetadata().require_pushed_authorization_requests === true
    ? client.buildAuthorizationUrlWithPAR(configuration, parameters)
    : client.buildAuthorizationUrl(configuration, parameters);
}

async function waitForBrowser(
  listener: CallbackListener,
  { clock, signal }: Pick<BrowserGrant<unknown>, 'clock' | 'signal'>,
): Promise<Callback> {
  const waiting = new AbortController();
  const either = AbortSignal.any([signal, waiting.signal]);
  const over = sleepUntilOver(clock, either).then((): never => {
    throw signal.aborted
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
async function answering<T>(
  callback: Callback,
  { action, pages }: Pick<BrowserGrant<T>, 'pages'> & { readonly action: () => Promise<T> },
): Promise<T> {
  let page = pages.failed;
  try {
    const result = await action();
    page = pages.good;
    return result;
  } catch (error) {
    if (hasCode(error, 'login_denied', 'denied')) page = pages.denied;
    throw error;
  } finally {
    callback.answer(page);
  }
}
