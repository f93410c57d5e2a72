import { fail } from '../../core/errors.ts';
import type { Authorization, StoredSession } from '../../core/ports/session.ts';
import { SECOND_MS } from '../../core/time.ts';
import { type Connection, type ConnectionOptions, openConnection } from './connection.ts';
import { type DeviceTicket, decodeDeviceResponse } from './device-prompt.ts';
import { encodeDpopKey, generateDpopKey } from './dpop-key.ts';
import { raceInterrupt } from './interrupt.ts';
import { encodeDemand } from './login-demand.ts';
import { mapLoginError } from './map-error.ts';
import type { CryptoKeyPair } from './openid-client.ts';
import { pollUntilConfirmed } from './poll.ts';
import { decodeTokens, type TokenResponse } from './tokens.ts';

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

export type DeviceLoginOptions = Parameters<Authorization['deviceLogin']>[0];

/** One device login from code to session; the contract is `Authorization.deviceLogin`. */
export async function loginWithDevice(
  connecting: ConnectionOptions,
  login: DeviceLoginOptions,
): Promise<StoredSession> {
  try {
    return await raceInterrupt(runLogin(connecting, login), login.signal);
  } catch (error) {
    throw mapLoginError(error, connecting.server);
  }
}

async function runLogin(connecting: ConnectionOptions, login: DeviceLoginOptions): Promise<StoredSession> {
  const { clock, server } = connecting;
  const connection = await openConnection(connecting, login.signal);
  if (!connection.configuration.serverMetadata().device_authorization_endpoint)
    throw fail('login_not_offered', { server, way: 'device' });
  const ticket = await askForCode(connection, { login, server });
  const endsAtMonotonicMs = clock.monotonicMs() + ticket.prompt.expiresInSeconds * SECOND_MS;
  login.show(ticket.prompt);
  const pair = await generateDpopKey(connection.client);
  const response = await pollUntilConfirmed({
    ask: createPoll(connection, { pair, deviceCode: ticket.deviceCode }),
    clock,
    server,
    intervalSeconds: ticket.intervalSeconds,
    endsAtMonotonicMs,
    signal: login.signal,
  });
  const rest = { server, name: '', way: { kind: 'device' }, dpopKey: await encodeDpopKey(pair) } as const;
  return decodeTokens(response, { rest, now: clock.now() });
}

/** What is sent along is shown on the page where the code is confirmed (DEV-12). */
async function askForCode(
  connection: Connection,
  context: { readonly login: DeviceLoginOptions; readonly server: string },
): Promise<DeviceTicket> {
  const { login, server } = context;
  const response = await connection.client.initiateDeviceAuthorization(connection.configuration, {
    scope: 'openid offline_access',
    jit_host: login.hostName,
    jit_purpose: login.purpose,
    ...encodeDemand(login.demand),
  });
  return decodeDeviceResponse(response, server);
}

/**
 * Single polls: the library's own loop keeps time by itself, and ends at the first network error.
 */
function createPoll(
  connection: Connection,
  code: { readonly pair: CryptoKeyPair; readonly deviceCode: string },
): () => Promise<TokenResponse> {
  const { client, configuration } = connection;
  const DPoP = connection.createProofs(code.pair);
  const parameters = { device_code: code.deviceCode };
  return () => client.genericGrantRequest(configuration, DEVICE_GRANT, parameters, { DPoP });
}
