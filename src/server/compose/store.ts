import { parseAddress } from '../../adapters/connectors/postgres/address.ts';
import { readServerSecret } from '../../adapters/server-secret.ts';
import { openSqliteStore } from '../../adapters/store/open-sqlite.ts';
import type { OpenStore } from '../../adapters/store/opened.ts';
import type { ServerConfig } from '../../core/config.ts';
import { fail } from '../../core/errors.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Secret } from '../../core/secret.ts';

type StoreOptions = {
  readonly config: Pick<ServerConfig, 'store'>;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
};

/** The store that the configuration names. The driver of PostgreSQL is loaded where it is that. */
export async function openStore({ config, clock, onError }: StoreOptions): Promise<OpenStore> {
  const { store } = config;
  if (store.kind === 'sqlite') return await openSqliteStore({ path: store.path, clock });
  const address = parseAddress(store.url, { target: 'the store' });
  const { openPostgresStore } = await import('../../adapters/store/postgres/open.ts');
  return await openPostgresStore({ address, clock, onError });
}

/** What encrypts the keys in the store: configured, or for a store in a file, of this machine alone, kept beside it. */
export async function readStoreSecret(options: {
  readonly config: Pick<ServerConfig, 'store' | 'secret'>;
  readonly onError: (error: unknown) => void;
}): Promise<Secret> {
  const { store, secret } = options.config;
  if (secret) return secret;
  if (store.kind === 'sqlite')
    return await readServerSecret({ path: `${store.path}.key`, onExposed: options.onError });
  throw fail('config_invalid', {
    at: 'secret',
    why: 'is missing: a store on PostgreSQL has no file beside it',
  });
}
