import type { Provider, ProviderOrder, ProviderToken } from '../../../core/ports/provider.ts';
import type { Secret } from '../../../core/secret.ts';
import { type Connection, type ConnectionOptions, openConnection } from '../connection.ts';
import { raceInterrupt } from '../interrupt.ts';
import { judgeError } from '../judge-error.ts';
import { mapLoginError } from '../map-error.ts';
import { askForToken } from './ask.ts';
import { buildConnecting, type ProviderOptions } from './connection.ts';
import type { DeviceAnswer } from './device-grant.ts';
import { decodeToken } from './token.ts';
import { chooseWay } from './ways.ts';

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
    look: () => mapped(async () => void chooseWay(await openConnection(connecting), 'device')),
    ask: (order) => mapped(() => ask(connecting, order)),
    introspect: (token) => mapped(() => introspect(connecting, token)),
    revoke: (token) => mapped(async () => revoke(await openConnection(connecting), token.reveal())),
  };
}

async function ask(connecting: ConnectionOptions, order: ProviderOrder): Promise<ProviderToken> {
  const signal = order.signal ?? new AbortController().signal;
  const connection = await openConnection(connecting, signal);
  const finish = (answer: DeviceAnswer): Promise<ProviderToken> =>
    keepOrGiveBack(answer, { connecting, connection, order });
  return raceInterrupt(askForToken({ connecting, connection, order, signal }, finish), signal);
}

type Asked = {
  readonly connecting: ConnectionOptions;
  readonly connection: Connection;
  readonly order: ProviderOrder;
};

/** A token that cannot be a grant is nobody's: it is given back as far as that can be done. */
async function keepOrGiveBack(answer: DeviceAnswer, asked: Asked): Promise<ProviderToken> {
  try {
    return decodeToken(answer, asked);
  } catch (error) {
    const tokens = [answer.refresh_token, answer.access_token].filter((token) => token !== undefined);
    for (const token of tokens) await revoke(asked.connection, token).catch(() => false);
    throw error;
  }
}

/** Most providers tell only resource servers: a client that is not allowed to ask is not told, and that is no failure. */
async function introspect(connecting: ConnectionOptions, token: Secret): Promise<boolean | undefined> {
  const { client, configuration } = await openConnection(connecting);
  if (!configuration.serverMetadata().introspection_endpoint) return undefined;
  try {
    const hint = { token_type_hint: 'access_token' };
    return (await client.tokenIntrospection(configuration, token.reveal(), hint)).active;
  } catch (error) {
    if (judgeError(error).kind === 'refused') return undefined;
    throw error;
  }
}

/** RFC 7009 §2.2.1: a provider may take some kinds of tokens back and others (JWTs) not. */
async function revoke({ client, configuration }: Connection, token: string): Promise<boolean> {
  if (!configuration.serverMetadata().revocation_endpoint) return false;
  try {
    await client.tokenRevocation(configuration, token, { token_type_hint: 'access_token' });
    return true;
  } catch (error) {
    const trouble = judgeError(error);
    if (trouble.kind === 'refused' && trouble.error === 'unsupported_token_type') return false;
    throw error;
  }
}
