import { fail, type JitError } from '../../../core/errors.ts';
import { COMPANY_CLOCK_SECONDS } from '../../../core/limits.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import type { Outgoing } from '../../../core/ports/outgoing.ts';
import type { Secret } from '../../../core/secret.ts';
import { type Instant, SECOND_MS } from '../../../core/time.ts';
import {
  type Configuration,
  loadOpenidClient,
  type OpenidClient,
  type ServerMetadata,
} from '../openid-client.ts';
import { isLoopback } from '../secure-url.ts';
import { createVerifier, type Verifier } from './verifier.ts';

/** Endpoints move seldom; whoever moves them keeps the old ones for longer than this. */
const METADATA_KEPT_SECONDS = 3_600;

export type ProviderOptions = {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly clock: Pick<Clock, 'now'>;
  /** Makes the way to call these addresses (INP-02): the issuer's own, and then the endpoints that it names. */
  readonly createOutgoing: (urls: readonly string[]) => Outgoing;
};

/** The provider as it describes itself. */
export type Provider = {
  readonly client: OpenidClient;
  readonly configuration: Configuration;
  readonly metadata: ServerMetadata;
  readonly verifier: Verifier;
};

export type OpenProvider = () => Promise<Provider>;

/** Discovered when it is needed first, and again after an hour; a provider that is away then leaves the old one. */
export function createProviderCache(options: ProviderOptions): OpenProvider {
  const { clock } = options;
  let kept: { readonly provider: Provider; readonly at: Instant } | undefined;
  let opening: Promise<Provider> | undefined;
  const open = (): Promise<Provider> => {
    opening ??= openProvider(options, kept?.provider)
      .then((provider) => {
        kept = { provider, at: clock.now() };
        return provider;
      })
      .finally(() => {
        opening = undefined;
      });
    return opening;
  };
  return async () => {
    if (!kept) return open();
    if (clock.now() - kept.at < METADATA_KEPT_SECONDS * SECOND_MS) return kept.provider;
    const { provider } = kept;
    return open().catch(() => provider);
  };
}

async function openProvider(options: ProviderOptions, known: Provider | undefined): Promise<Provider> {
  const { issuer, clientId, clientSecret, clock, createOutgoing } = options;
  const client = await loadOpenidClient();
  const metadata = await discover(client, options);
  const endpoints = requireEndpoints(metadata, issuer);
  const fetch = createOutgoing(endpoints.all);
  const settings = {
    [client.clockTolerance]: COMPANY_CLOCK_SECONDS,
    // Without it the library takes RS256 for granted; what is accepted is the verifier's to say.
    ...(metadata.id_token_signing_alg_values_supported ? {} : { id_token_signed_response_alg: 'RS256' }),
  };
  const authentication = client.ClientSecretBasic(clientSecret.reveal());
  const configuration = new client.Configuration(metadata, clientId, settings, authentication);
  configuration[client.customFetch] = fetch;
  if (isPlainHttp(issuer)) client.allowInsecureRequests(configuration);
  // The keys that are known, and when they were asked for, are kept while their place is the same.
  const isSame = known?.metadata.jwks_uri === metadata.jwks_uri;
  const verifier =
    known && isSame
      ? known.verifier
      : createVerifier({ issuer, clientId, clock, fetch, jwksUri: endpoints.jwks });
  return { client, configuration, metadata, verifier };
}

async function discover(client: OpenidClient, options: ProviderOptions): Promise<ServerMetadata> {
  const { issuer, clientId, createOutgoing } = options;
  const found = await client.discovery(new URL(issuer), clientId, undefined, client.None(), {
    [client.customFetch]: createOutgoing([issuer]),
    ...(isPlainHttp(issuer) ? { execute: [client.allowInsecureRequests] } : {}),
  });
  const { supportsPKCE: _, ...metadata } = { ...found.serverMetadata() };
  // The library compares parsed addresses, and forgives some providers more; the text must be equal (RFC 8414 §3.3).
  if (metadata.issuer !== issuer) throw refuse(issuer, 'its metadata names another issuer');
  return metadata;
}

type Endpoints = { readonly jwks: string; readonly all: readonly string[] };

/** https all of them; plain http, and this machine, only where the issuer itself is that. */
function requireEndpoints(metadata: ServerMetadata, issuer: string): Endpoints {
  const { authorization_endpoint, token_endpoint, jwks_uri, userinfo_endpoint } = metadata;
  const wanted = { authorization_endpoint, token_endpoint, jwks_uri };
  for (const [name, value] of Object.entries(wanted)) {
    if (!isEndpoint(value, issuer)) throw refuse(issuer, `its metadata has no usable ${name}`);
  }
  if (userinfo_endpoint !== undefined && !isEndpoint(userinfo_endpoint, issuer))
    throw refuse(issuer, 'its metadata has no usable userinfo_endpoint');
  const all = [token_endpoint, jwks_uri, userinfo_endpoint].filter((url) => url !== undefined);
  return { jwks: jwks_uri ?? '', all };
}

function isEndpoint(value: unknown, issuer: string): boolean {
  const url = typeof value === 'string' ? URL.parse(value) : null;
  if (url?.username !== '' || url.password !== '' || url.hash !== '') return false;
  if (isLoopback(url) && !isLoopback(new URL(issuer))) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isPlainHttp(issuer) && isLoopback(url));
}

function isPlainHttp(issuer: string): boolean {
  const url = new URL(issuer);
  return url.protocol === 'http:' && isLoopback(url);
}

function refuse(issuer: string, why: string): JitError {
  return fail('provider_failed', { issuer, why });
}
