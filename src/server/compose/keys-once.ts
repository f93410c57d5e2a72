import { createIds } from '../../adapters/ids.ts';
import type { TokenAlgorithm } from '../../core/catalogue.ts';
import type { ServerConfig } from '../../core/config.ts';
import type { KeyUse, KeyView, Rotation } from '../../core/server-keys.ts';
import { MINUTE_SECONDS, SECOND_MS } from '../../core/time.ts';
import { LEAD_MS, listKeys, type RotationOrder, type RotationParts, rotateKeys } from '../keys/rotate.ts';
import { ACCESS_TOKEN_SECONDS } from '../oauth/provider/lifetimes.ts';
import type { ServerOptions } from './options.ts';
import { openStore, readStoreSecret } from './store.ts';

export type KeysOptions = Pick<ServerOptions, 'config' | 'clock'> & {
  readonly onError: (error: unknown) => void;
};

/** For clocks that differ, and answers that were long on their way. */
const SLACK_MS = 5 * MINUTE_SECONDS * SECOND_MS;

/** The server's own keys, without a server: beside those that run on the same PostgreSQL, or alone on a SQLite file. */
export async function listKeysOnce(
  options: KeysOptions,
  uses: readonly KeyUse[],
): Promise<readonly KeyView[]> {
  return await withKeys(options, (parts) => listKeys(parts, uses));
}

export async function rotateKeysOnce(
  options: KeysOptions,
  { uses, actor }: { readonly uses: readonly KeyUse[]; readonly actor: string },
): Promise<Rotation> {
  return await withKeys(options, (parts) => rotateNow(parts, { config: options.config, uses, actor }));
}

/** Makes new keys of these uses, over a store that is open already: for a server that runs. */
export async function rotateNow(
  parts: RotationParts,
  order: Pick<RotationOrder, 'uses' | 'actor'> & { readonly config: ServerConfig },
): Promise<Rotation> {
  const { config, uses, actor } = order;
  return await rotateKeys(parts, { uses, actor, leadMs: LEAD_MS, ...findLongest(config) });
}

/** Which algorithms the targets want keys of. */
export function listAlgorithms({ targets }: ServerConfig): readonly TokenAlgorithm[] {
  return targets.flatMap(({ algorithm }) => algorithm ?? []);
}

async function withKeys<T>(options: KeysOptions, action: (parts: RotationParts) => Promise<T>): Promise<T> {
  const opened = await openStore({ ...options, isCurrent: true });
  try {
    const { store, clock } = opened;
    const secret = await readStoreSecret(options);
    const algorithms = listAlgorithms(options.config);
    return await action({ store, secret, clock, ids: createIds(clock), algorithms });
  } finally {
    await opened.close();
  }
}

/** How long the last of what a key has signed can be good for. */
export function findLongest({ scopes, breakGlass, login }: ServerConfig) {
  const tokens = [...scopes.map(({ maxSeconds }) => maxSeconds), breakGlass.maxSeconds, ACCESS_TOKEN_SECONDS];
  return {
    longestTokenMs: Math.max(...tokens) * SECOND_MS + SLACK_MS,
    longestSessionMs: login.sessionSeconds * SECOND_MS + SLACK_MS,
  };
}
