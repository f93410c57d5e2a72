import { fail } from '../../core/errors.ts';
import { SECOND_MS } from '../../core/time.ts';
import type { Configuration, CustomFetch, OpenidClient, ServerMetadata } from './openid-client.ts';
import { requireSecureUrl } from './secure-url.ts';
import type { ServerTime } from './server-time.ts';

/** Where the metadata of one server is remembered as JSON text. What it gives back is not trusted. */
export interface MetadataCache {
  read(): Promise<string | undefined>;
  write(text: string): Promise<void>;
}

/** Where the metadata is: as OAuth has it (RFC 8414 §3.1), or first as OpenID Connect has it. */
export type Discovery = 'oauth2' | 'either';

export type ConfigurationOptions = {
  readonly client: OpenidClient;
  /** The issuer: the server's address without a trailing slash. */
  readonly server: string;
  readonly clientId: string;
  readonly fetch: CustomFetch;
  readonly serverTime: ServerTime;
  readonly discovery?: Discovery | undefined;
  readonly metadataCache: MetadataCache;
};

/** Discovers the server (RFC 8414), or remembers it. `bad_answer` unless it names itself exactly so (TOK-07). */
export async function openConfiguration(options: ConfigurationOptions): Promise<Configuration> {
  const { client, serverTime, fetch } = options;
  const metadata = (await readCached(options)) ?? (await discover(options));
  const skewSeconds = Math.round(serverTime.offsetMs() / SECOND_MS);
  const configuration = new client.Configuration(
    metadata,
    options.clientId,
    { [client.clockSkew]: skewSeconds },
    client.None(),
  );
  configuration[client.customFetch] = fetch;
  if (isPlainHttp(options.server)) client.allowInsecureRequests(configuration);
  return configuration;
}

async function discover(options: ConfigurationOptions): Promise<ServerMetadata> {
  const { server } = options;
  const metadata = await (options.discovery === 'either'
    ? discoverBy(options, 'oidc').catch((error: unknown) => {
        if (!isAbsent(error)) throw error;
        return discoverBy(options, 'oauth2');
      })
    : discoverBy(options, 'oauth2'));
  requireIssuer(metadata, server);
  await options.metadataCache.write(JSON.stringify(metadata));
  return metadata;
}

async function discoverBy(
  { client, server, clientId, fetch }: ConfigurationOptions,
  algorithm: 'oauth2' | 'oidc',
): Promise<ServerMetadata> {
  const discovered = await client.discovery(new URL(server), clientId, undefined, client.None(), {
    algorithm,
    [client.customFetch]: fetch,
    ...(isPlainHttp(server) ? { execute: [client.allowInsecureRequests] } : {}),
  });
  const { supportsPKCE: _, ...metadata } = { ...discovered.serverMetadata() };
  return metadata;
}

/** There is no such document; what is there and wrong is not passed over. */
function isAbsent(error: unknown): boolean {
  for (let item = error; item instanceof Error; item = item.cause)
    if (item.cause instanceof Response) return item.cause.status === 404;
  return false;
}

async function readCached(options: ConfigurationOptions): Promise<ServerMetadata | undefined> {
  try {
    const metadata: ServerMetadata = JSON.parse((await options.metadataCache.read()) ?? 'null');
    requireIssuer(metadata, options.server);
    return metadata;
  } catch {
    return undefined;
  }
}

/** The library compares parsed addresses; the text itself must be equal (RFC 8414 §3.3). */
function requireIssuer(metadata: ServerMetadata, server: string): void {
  if (metadata.issuer === server) return;
  throw fail('bad_answer', { address: server, why: 'its metadata names another issuer' });
}

/** Allows nothing by itself: whether plain http may be used at all is decided for every exchange. */
function isPlainHttp(server: string): boolean {
  return requireSecureUrl(server).protocol === 'http:';
}

/** Remembers for the life of the process. */
export function createMemoryMetadataCache(): MetadataCache {
  let kept: string | undefined;
  return {
    read: async () => kept,
    write: async (text) => {
      kept = text;
    },
  };
}
