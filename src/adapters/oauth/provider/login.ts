import { fail } from '../../../core/errors.ts';
import type { Authorization, StoredSession } from '../../../core/ports/session.ts';
import { Secret } from '../../../core/secret.ts';
import { SECOND_MS } from '../../../core/time.ts';
import { runBrowserGrant } from '../browser-grant.ts';
import { openConnection } from '../connection.ts';
import { decodeDpopKey, encodeDpopKey, generateDpopKey } from '../dpop-key.ts';
import { raceInterrupt } from '../interrupt.ts';
import type { Refusal } from '../judge-error.ts';
import { encodeDemand } from '../login-demand.ts';
import { mapLoginError, mapSessionError } from '../map-error.ts';
import type { CryptoKeyPair } from '../openid-client.ts';
import { retryRedated } from '../retry-redated.ts';
import type { TokenResponse } from '../tokens.ts';
import { buildConnecting, type ProviderOptions } from './connection.ts';
import { type DeviceAnswer, runDeviceGrant } from './device-grant.ts';
import { requireProviderCode } from './require-code.ts';
import { chooseWay, type ProviderWay } from './ways.ts';

type DeviceLogin = Parameters<Authorization['deviceLogin']>[0];
type BrowserLogin = Parameters<Authorization['browserLogin']>[0];

/** Logging in at a provider: only to know who somebody is. Its tokens may be bound to the key or not, and rotate or not. */
export function createProviderAuthorization(options: ProviderOptions): Authorization {
  const { issuer } = options;
  const refuse = (what: string): Promise<never> =>
    Promise.reject(fail('not_offered', { address: issuer, what: `${what}, with this backend` }));
  const entering = async (action: Promise<StoredSession>, signal: AbortSignal): Promise<StoredSession> => {
    try {
      return await raceInterrupt(action, signal);
    } catch (error) {
      throw mapLoginError(error, issuer);
    }
  };
  return {
    deviceLogin: (login) => entering(logInByDevice(options, login), login.signal),
    browserLogin: (login) => entering(logInByBrowser(options, login), login.signal),
    workloadLogin: () => refuse('logging in as a workload'),
    refresh: (session) => mapped(options, () => refresh(options, session)),
    revoke: (session) => mapped(options, () => revoke(options, session)),
  };
}

async function mapped<T>({ issuer }: ProviderOptions, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw mapSessionError(error, issuer);
  }
}

async function logInByDevice(options: ProviderOptions, login: DeviceLogin): Promise<StoredSession> {
  const prepared = await prepare(options, { way: 'device', login });
  const answer = await runDeviceGrant(prepared.connection, { ...prepared, show: login.show });
  return buildFirstSession(options, { answer, way: 'device', pair: prepared.pair });
}

async function logInByBrowser(options: ProviderOptions, login: BrowserLogin): Promise<StoredSession> {
  const prepared = await prepare(options, { way: 'browser', login });
  const { connection, pair } = prepared;
  return runBrowserGrant(connection, {
    ...prepared,
    show: login.show,
    requireCode: (callback) => requireProviderCode(callback, { connection, refuse: describeRefusal }),
    finish: (answer) => buildFirstSession(options, { answer, way: 'browser', pair }),
    pages: { good: 'logged_in', denied: 'denied', failed: 'failed' },
  });
}

function describeRefusal({ error }: Refusal): Error {
  if (error === 'access_denied') return fail('login_denied', {});
  return fail('failed', { why: `the provider refused the login (${error})` });
}

type Entering = { readonly way: ProviderWay; readonly login: Pick<DeviceLogin, 'signal' | 'demand'> };

/** `login_not_offered` names the other way: it is the person who decides between them. */
async function prepare(options: ProviderOptions, { way, login }: Entering) {
  const { clock, issuer } = options;
  const connection = await openConnection(buildConnecting(options), login.signal);
  if (chooseWay(connection, way) !== way) throw fail('login_not_offered', { server: issuer, way });
  return {
    connection,
    clock,
    pair: await generateDpopKey(connection.client),
    parameters: {
      scope: 'openid profile offline_access',
      prompt: 'consent',
      ...encodeDemand(login.demand),
    },
    tokenParameters: {},
    signal: login.signal,
  };
}

type FirstAnswer = {
  readonly answer: DeviceAnswer;
  readonly way: ProviderWay;
  readonly pair: CryptoKeyPair;
};

async function buildFirstSession(
  options: ProviderOptions,
  { answer, way, pair }: FirstAnswer,
): Promise<StoredSession> {
  return buildSession(options, answer, {
    server: options.address,
    issuer: options.issuer,
    name: readName(answer, options.issuer),
    way: { kind: way },
    loggedInAt: options.clock.now(),
    dpopKey: await encodeDpopKey(pair),
    refreshToken: null,
  });
}

/** Who it was; the library has checked the token's issuer, audience and times. */
function readName(answer: DeviceAnswer, issuer: string): string {
  const claims = answer.claims();
  if (!claims) throw fail('bad_answer', { address: issuer, why: 'it does not say who logged in' });
  const { preferred_username: name, email, sub } = claims;
  return [name, email].find((text) => typeof text === 'string' && text !== '')?.toString() ?? sub;
}

type Rest = Omit<StoredSession, 'accessToken' | 'accessExpiresAt'>;

function buildSession({ clock, issuer }: ProviderOptions, answer: TokenResponse, rest: Rest): StoredSession {
  const refreshToken = answer.refresh_token ? new Secret(answer.refresh_token) : rest.refreshToken;
  if (!refreshToken) throw fail('bad_answer', { address: issuer, why: 'it gave no refresh token' });
  if (answer.expires_in === undefined)
    throw fail('bad_answer', { address: issuer, why: 'its token says not how long it lasts' });
  return {
    ...rest,
    accessToken: new Secret(answer.access_token),
    accessExpiresAt: Math.floor(clock.now() + answer.expires_in * SECOND_MS),
    refreshToken,
  };
}

async function refresh(options: ProviderOptions, session: StoredSession): Promise<StoredSession> {
  const { client, configuration, createProofs } = await openConnection(buildConnecting(options));
  const DPoP = createProofs(await decodeDpopKey(session.dpopKey));
  const token = session.refreshToken?.reveal() ?? '';
  const answer = await retryRedated(() =>
    client.refreshTokenGrant(configuration, token, undefined, { DPoP }),
  );
  return buildSession(options, answer, session);
}

/** Where a provider takes nothing back, forgetting the session here is all that there is. */
async function revoke(options: ProviderOptions, session: StoredSession): Promise<void> {
  const { client, configuration } = await openConnection(buildConnecting(options));
  if (!configuration.serverMetadata().revocation_endpoint) return;
  const token = session.refreshToken ?? session.accessToken;
  await client.tokenRevocation(configuration, token.reveal(), { token_type_hint: 'refresh_token' });
}
