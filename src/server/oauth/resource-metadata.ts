import { Hono } from 'hono';
import { PROOF_ALGORITHMS } from './tokens/proof.ts';

/** Where `/v1` says what it is (RFC 9728 §3.1). */
export const RESOURCE_METADATA_PATH = '/.well-known/oauth-protected-resource';

/** The metadata of `/v1` as a protected resource, and of the server as a whole, whose only one it is. */
export function createResourceMetadata(options: {
  readonly url: string;
  readonly installName: string;
}): Hono {
  const describe = (resource: string) => ({
    resource,
    authorization_servers: [options.url],
    resource_name: options.installName,
    bearer_methods_supported: [],
    dpop_bound_access_tokens_required: true,
    dpop_signing_alg_values_supported: PROOF_ALGORITHMS,
  });
  return new Hono()
    .get(RESOURCE_METADATA_PATH, (c) => c.json(describe(options.url)))
    .get(`${RESOURCE_METADATA_PATH}/v1`, (c) => c.json(describe(`${options.url}/v1`)));
}
