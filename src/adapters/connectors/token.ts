import { defineConnectorKind } from '../../core/config/connector-kind.ts';
import { EMPTY_CREDENTIAL } from '../../core/credential.ts';
import { fail } from '../../core/errors.ts';
import type { Connector } from '../../core/ports/connector.ts';

/** `kind: token`: the access token itself is what the target understands. */
export const tokenKind = defineConnectorKind({
  kind: 'token',
  entries: {},
  open: ({ name }) => openTokenConnector({ name }),
});

export type TokenConnectorOptions = { readonly name: string };

/**
 * Targets that look at the access token themselves: there is nothing to make, so the grant's end is the
 * token's. `JIT_TOKEN` is set by whoever holds the token, never from here.
 */
export function openTokenConnector(options: TokenConnectorOptions): Connector {
  return {
    kind: 'token',
    plan: (grantId) => requireGrantId(grantId, options.name),
    issue: async () => EMPTY_CREDENTIAL,
    probe: async () => {},
    extend: async () => {},
    remove: async () => ({ sessionsEnded: 0 }),
    list: async () => [],
    activity: async () => null,
    close: async () => {},
  };
}

function requireGrantId(grantId: string, target: string): string {
  if (/^gr_[a-z0-9]+$/.test(grantId)) return grantId;
  throw fail('target_failed', { target, why: 'that is not the id of a grant' });
}
