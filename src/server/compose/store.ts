import { parseAddress } from '../../adapters/connectors/postgres/address.ts';
import { openDatabaseClock } from '../../adapters/database-clock.ts';
import { createForwardClock } from '../../adapters/forward-clock.ts';
import { readServerSecret } from '../../adapters/server-secret.ts';
import type { OpenStore } from '../../adapters/store/opened.ts';
import { openSqliteStore } from '../../adapters/store/sqlite/open.ts';
import type { ServerConfig } from '../../core/config.ts';
import { fail } from '../../core/errors.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Secret } from '../../core/secret.ts';

type StoreOptions = {
  readonly config: Pick<ServerConfig, 'store'>;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
  /** For who looks, and is no server: the store must be there, and of this version. */
  readonly isCurrent?: boolean;
};

/** With the clock that is the authority's: that of the database, where several servers have one, and the host's elsewhere. */
export type OpenedStore = OpenStore & { readonly clock: Clock };

/** The store that the configuration names. The driver of PostgreSQL is loaded where it is that. */
export async function openStore({
  config,
  clock: host,
  onError,
  isCurrent,
}: StoreOptions): Promise<OpenedStore> {
  const { store } = config;
  if (store.kind === 'sqlite') {
    const clock = createForwardClock({ host, onError });
    return { ...(await openSqliteStore({ path: store.path, clock, isCurrent, onError })), clock };
  }
  const address = parseAddress(store.url, { target: 'the store' });
  const { openPostgresStore } = await import('../../adapters/store/postgres/open.ts');
  const opened = await openPostgresStore({ address, clock: host, isCurrent, onError });
  try {
    const clock = await openDatabaseClock({ host, readTime: opened.readTime, onError });
    const close = () => Promise.all([clock.stop(), opened.close()]).then(() => {});
    return { ...opened, clock, close };
  } catch (error) {
    await opened.close();
    throw error;
  }
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
