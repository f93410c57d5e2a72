import { hasCode, type JitError } from '../../../core/errors.ts';
import type { ProviderOrder } from '../../../core/ports/provider.ts';
import type { LoginDemand } from '../../../core/step-up.ts';
import { runBrowserGrant } from '../browser-grant.ts';
import type { Connection, ConnectionOptions } from '../connection.ts';
import { decodeDpopKey } from '../dpop-key.ts';
import { encodeDemand } from '../login-demand.ts';
import { type DeviceAnswer, runDeviceGrant } from './device-grant.ts';
import { describeDenial, mapOrderError, mapOrderRefusal, type Ordering } from './map-order-error.ts';
import { requireProviderCode } from './require-code.ts';
import { chooseWay } from './ways.ts';

export type Asking = {
  readonly connecting: ConnectionOptions;
  readonly connection: Connection;
  readonly order: ProviderOrder;
  readonly signal: AbortSignal;
};

/** Asks by the way that there is, and once more where the provider wants a stronger login than it got (RFC 9470). */
export async function askForToken<T>(
  asking: Asking,
  finish: (answer: DeviceAnswer) => Promise<T>,
): Promise<T> {
  try {
    return await askOnce(asking, { demand: undefined, finish });
  } catch (error) {
    const demand = readChallenge(error, asking);
    if (!demand) throw mapOrderError(error, describe(asking));
    return await askAgain(asking, { demand, finish });
  }
}

type Attempt<T> = {
  readonly demand: LoginDemand | undefined;
  readonly finish: (answer: DeviceAnswer) => Promise<T>;
};

async function askAgain<T>(asking: Asking, attempt: Attempt<T>): Promise<T> {
  try {
    return await askOnce(asking, attempt);
  } catch (error) {
    if (!readChallenge(error, asking)) throw mapOrderError(error, describe(asking));
    const description = 'the login that it asked for did not satisfy it';
    throw describeDenial(describe(asking), { error: 'insufficient_user_authentication', description });
  }
}

function readChallenge(error: unknown, asking: Asking): LoginDemand | undefined {
  const known = mapOrderError(error, describe(asking));
  return hasCode(known, 'step_up_needed') ? known.demand : undefined;
}

function describe({ connecting, order }: Asking): Ordering {
  return { issuer: connecting.server, scopes: order.scopes };
}

async function askOnce<T>(asking: Asking, { demand, finish }: Attempt<T>): Promise<T> {
  const { connecting, connection, order, signal } = asking;
  const resource: Readonly<Record<string, string>> =
    order.resource === null ? {} : { resource: order.resource };
  const common = {
    clock: connecting.clock,
    pair: order.key ? await decodeDpopKey(order.key) : undefined,
    tokenParameters: resource,
    parameters: { ...buildParameters(asking, demand), ...resource },
    signal,
  };
  if (chooseWay(connection, order.way) === 'device') {
    const show: Parameters<typeof runDeviceGrant>[1]['show'] = (prompt) =>
      order.show({ kind: 'device', ...prompt });
    const mapError = (error: unknown): JitError => mapOrderError(error, describe(asking));
    return finish(await runDeviceGrant(connection, { ...common, show, mapError }));
  }
  const refuse = (refusal: Parameters<typeof mapOrderRefusal>[0]): Error =>
    mapOrderRefusal(refusal, describe(asking));
  return runBrowserGrant(connection, {
    ...common,
    show: (prompt) => order.show({ kind: 'browser', ...prompt }),
    requireCode: (callback) => requireProviderCode(callback, { connection, refuse }),
    finish,
    pages: { good: 'granted', denied: 'refused', failed: 'refused' },
  });
}

/** `acr_values` and `max_age` are OpenID Connect's: a provider may take them with its scope only. */
function buildParameters(
  { connection, order }: Asking,
  demand: LoginDemand | undefined,
): Readonly<Record<string, string>> {
  const scopes = demand ? ['openid', ...order.scopes] : order.scopes;
  const encoded = encodeDemand(demand);
  return {
    scope: scopes.join(' '),
    ...(order.name === '' ? {} : { login_hint: order.name }),
    ...buildDetails(connection, order),
    ...(demand && Object.keys(encoded).length === 0 ? { prompt: 'login' } : encoded),
  };
}

/** Only for a provider that names the type in its metadata (RFC 9396 §10). */
function buildDetails(
  { configuration }: Connection,
  { details }: ProviderOrder,
): Readonly<Record<string, string>> {
  const known: unknown = configuration.serverMetadata().authorization_details_types_supported;
  if (!details || !Array.isArray(known) || !known.includes(details.type)) return {};
  return { authorization_details: JSON.stringify([details]) };
}
