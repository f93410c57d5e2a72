import type { Clock } from '../../core/ports/clock.ts';
import type { Http } from '../../core/ports/http.ts';
import { type Discovery, type MetadataCache, openConfiguration } from './configuration.ts';
import { createCustomFetch } from './custom-fetch.ts';
import { createDpopHandle } from './dpop-key.ts';
import {
  type Configuration,
  type CryptoKeyPair,
  type DPoPHandle,
  loadOpenidClient,
  type OpenidClient,
} from './openid-client.ts';
import { createServerTime } from './server-time.ts';

export type ConnectionOptions = {
  readonly server: string;
  readonly clock: Clock;
  readonly http: Http;
  readonly clientId: string;
  readonly metadataCache: MetadataCache;
  readonly discovery?: Discovery | undefined;
};

/** The library, set up for one server and one operation. */
export type Connection = {
  readonly client: OpenidClient;
  readonly configuration: Configuration;
  createProofs(pair: CryptoKeyPair): DPoPHandle;
};

/** Loads the library and finds the server's endpoints; every exchange ends when the signal is aborted. */
export async function openConnection(options: ConnectionOptions, signal?: AbortSignal): Promise<Connection> {
  const { server, clock, http, clientId, metadataCache, discovery } = options;
  const client = await loadOpenidClient();
  const serverTime = createServerTime(clock);
  const fetch = createCustomFetch({ http, signal, onAnswer: (answer) => serverTime.observe(answer) });
  const configuration = await openConfiguration({
    client,
    server,
    clientId,
    fetch,
    serverTime,
    discovery,
    metadataCache,
  });
  return {
    client,
    configuration,
    createProofs: (pair) => createDpopHandle({ client, configuration, pair, clock, serverTime }),
  };
}
