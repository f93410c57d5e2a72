import { fail } from '../../../core/errors.ts';
import type { ProviderPrompt } from '../../../core/ports/provider.ts';
import type { Connection } from '../connection.ts';
import type { ServerMetadata } from '../openid-client.ts';

export type ProviderWay = ProviderPrompt['kind'];

export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

/** What the provider's metadata says that can be asked with: RFC 8628, or RFC 8252 with PKCE. */
export function listWays(metadata: ServerMetadata): readonly ProviderWay[] {
  const { grant_types_supported: grants, response_types_supported: responses } = metadata;
  const { code_challenge_methods_supported: challenges } = metadata;
  const hasDevice = metadata.device_authorization_endpoint !== undefined && allows(grants, DEVICE_GRANT);
  const hasBrowser =
    metadata.authorization_endpoint !== undefined &&
    allows(grants, 'authorization_code') &&
    allows(responses, 'code') &&
    allows(challenges, 'S256');
  return [...(hasDevice ? ['device' as const] : []), ...(hasBrowser ? ['browser' as const] : [])];
}

/** The way that is wanted, or else the one there is; `not_offered` where there is none. */
export function chooseWay({ configuration }: Connection, wanted: ProviderWay): ProviderWay {
  const metadata = configuration.serverMetadata();
  const ways = listWays(metadata);
  const way = ways.includes(wanted) ? wanted : ways[0];
  if (way) return way;
  const what =
    'a way to log in or to ask: neither a device code (RFC 8628) nor a code by the browser with PKCE';
  throw fail('not_offered', { address: metadata.issuer, what });
}

/** Metadata that says nothing of it allows it. */
function allows(listed: unknown, value: string): boolean {
  return listed === undefined || (Array.isArray(listed) && listed.includes(value));
}
