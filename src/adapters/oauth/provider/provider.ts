import { createHash } from 'node:crypto';
import { fail } from '../../../core/errors.ts';
import type { Provider, ProviderOrder, ProviderToken } from '../../../core/ports/provider.ts';
import { Secret } from '../../../core/secret.ts';
import { SECOND_MS } from '../../../core/time.ts';
import { type Connection, type ConnectionOptions, openConnection } from '../connection.ts';
import { decodeDpopKey } from '../dpop-key.ts';
import { raceInterrupt } from '../interrupt.ts';
import { mapLoginError } from '../map-error.ts';
import { buildConnecting, type ProviderOptions } from './connection.ts';
import { type DeviceAnswer, runDeviceGrant } from './device-grant.ts';

const LONGEST_TOKEN = 16_384;

/** `Provider` at one issuer, by a client that has no secret. */
export function createProvider(options: ProviderOptions): Provider {
  const connecting = buildConnecting(options);
  const mapped = async <T>(action: () => Promise<T>): Promise<T> => {
    try {
      return await action();
    } catch (error) {
      throw mapLoginError(error, options.issuer);
    }
  };
  return {
    address: options.issuer,
    ask: (order) => mapped(() => ask(connecting, order)),
    introspect: (token) => mapped(() => introspect(connecting, token)),
    revoke: (token) => mapped(() => revoke(connecting, token)),
  };
}

async function ask(connecting: ConnectionOptions, order: ProviderOrder): Promise<ProviderToken> {
  const signal = order.signal ?? new AbortController().signal;
  const connection = await openConnection(connecting, signal);
  const resource: Readonly<Record<string, string>> =
    order.resource === null ? {} : { resource: order.resource };
  const pair = order.key ? await decodeDpopKey(order.key) : undefined;
  const answer = await raceInterrupt(
    runDeviceGrant(connection, {
      issuer: connecting.server,
      clock: connecting.clock,
      pair,
      parameters: { scope: order.scopes.join(' '), ...resource, ...buildDetails(connection, order) },
      tokenParameters: resource,
      show: order.show,
      signal,
    }),
    signal,
  );
  return decodeToken(answer, { connecting, order });
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

type Asked = { readonly connecting: ConnectionOptions; readonly order: ProviderOrder };

function decodeToken(answer: DeviceAnswer, { connecting, order }: Asked): ProviderToken {
  const address = connecting.server;
  const complain = (why: string): Error => fail('bad_answer', { address, why });
  const { access_token: token, expires_in: lifeSeconds } = answer;
  if (lifeSeconds === undefined || lifeSeconds <= 0) throw complain('its token says not how long it lasts');
  if (answer.token_type !== (order.key ? 'dpop' : 'bearer'))
    throw complain(order.key ? 'its token is not bound to a key' : 'its token is not a bearer token');
  if (token.length > LONGEST_TOKEN) throw complain('its token is too long');
  return {
    token: new Secret(token),
    // RFC 6749 §5.1: a provider that says nothing of the scope gave what was asked for.
    scopes: answer.scope === undefined ? order.scopes : answer.scope.split(' ').filter((one) => one !== ''),
    expiresAt: Math.floor(connecting.clock.now() + lifeSeconds * SECOND_MS),
    boundTo: order.key ? computeThumbprint(order.key) : null,
  };
}

/** RFC 7638 §3.2: the members in this order, and no others. */
function computeThumbprint(key: Secret): string {
  const { crv, kty, x, y }: Readonly<Record<string, string>> = JSON.parse(key.reveal());
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
}

async function introspect(connecting: ConnectionOptions, token: Secret): Promise<boolean | undefined> {
  const { client, configuration } = await openConnection(connecting);
  if (!configuration.serverMetadata().introspection_endpoint) return undefined;
  const { active } = await client.tokenIntrospection(configuration, token.reveal(), {
    token_type_hint: 'access_token',
  });
  return active;
}

async function revoke(connecting: ConnectionOptions, token: Secret): Promise<boolean> {
  const { client, configuration } = await openConnection(connecting);
  if (!configuration.serverMetadata().revocation_endpoint) return false;
  await client.tokenRevocation(configuration, token.reveal(), { token_type_hint: 'access_token' });
  return true;
}
