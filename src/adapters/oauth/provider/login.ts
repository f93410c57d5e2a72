import { fail } from '../../../core/errors.ts';
import type { Authorization, StoredSession } from '../../../core/ports/session.ts';
import { Secret } from '../../../core/secret.ts';
import { SECOND_MS } from '../../../core/time.ts';
import { openConnection } from '../connection.ts';
import { decodeDpopKey, encodeDpopKey, generateDpopKey } from '../dpop-key.ts';
import { raceInterrupt } from '../interrupt.ts';
import { mapLoginError, mapSessionError } from '../map-error.ts';
import { retryRedated } from '../retry-redated.ts';
import type { TokenResponse } from '../tokens.ts';
import { buildConnecting, type ProviderOptions } from './connection.ts';
import { type DeviceAnswer, runDeviceGrant } from './device-grant.ts';

type DeviceLogin = Parameters<Authorization['deviceLogin']>[0];

/** Logging in at a provider: only to know who somebody is. Its tokens may be bound to the key or not, and rotate or not. */
export function createProviderAuthorization(options: ProviderOptions): Authorization {
  const { issuer } = options;
  const refuse = (what: string): Promise<never> =>
    Promise.reject(fail('not_offered', { address: issuer, what: `${what}, with this backend` }));
  return {
    deviceLogin: async (login) => {
      try {
        return await raceInterrupt(logIn(options, login), login.signal);
      } catch (error) {
        throw mapLoginError(error, issuer);
      }
    },
    browserLogin: () => refuse('logging in with --browser'),
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

async function logIn(options: ProviderOptions, login: DeviceLogin): Promise<StoredSession> {
  const { clock, address, issuer } = options;
  const connection = await openConnection(buildConnecting(options), login.signal);
  const pair = await generateDpopKey(connection.client);
  const answer = await runDeviceGrant(connection, {
    issuer,
    clock,
    pair,
    parameters: { scope: 'openid profile offline_access', prompt: 'consent' },
    tokenParameters: {},
    show: login.show,
    signal: login.signal,
  });
  const rest = {
    server: address,
    name: readName(answer, issuer),
    way: { kind: 'device' },
    loggedInAt: clock.now(),
    dpopKey: await encodeDpopKey(pair),
    refreshToken: null,
  } as const;
  return buildSession(options, answer, rest);
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
