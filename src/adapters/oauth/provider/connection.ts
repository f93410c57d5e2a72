import type { Clock } from '../../../core/ports/clock.ts';
import type { Http } from '../../../core/ports/http.ts';
import { createMemoryMetadataCache } from '../configuration.ts';
import type { ConnectionOptions } from '../connection.ts';

export type ProviderOptions = {
  readonly issuer: string;
  readonly clientId: string;
  /** What its session is filed under. */
  readonly address: string;
  readonly clock: Clock;
  readonly http: Http;
};

/** An OpenID provider that is nobody's jit server: found where OpenID Connect or OAuth says, remembered while the process lives. */
export function buildConnecting({ issuer, clientId, clock, http }: ProviderOptions): ConnectionOptions {
  return {
    server: issuer,
    clientId,
    clock,
    http,
    discovery: 'either',
    metadataCache: createMemoryMetadataCache(),
  };
}
