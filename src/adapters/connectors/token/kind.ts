import { defineConnectorKind } from '../../../core/config/connector-kind.ts';
import { type Credential, type CredentialTemplates, EMPTY_CREDENTIAL } from '../../../core/credential.ts';
import { fail } from '../../../core/errors.ts';
import type { Connector } from '../../../core/ports/connector.ts';
import { checkNames, listRivals, TOKEN_SETTINGS } from './settings.ts';

/** `kind: token`: the access token itself is what the target understands. */
export const tokenKind = defineConnectorKind({
  kind: 'token',
  entries: TOKEN_SETTINGS,
  check: checkNames,
  open: ({ name, settings }) => openTokenConnector({ name, templates: settings }),
});

export type TokenConnectorOptions = {
  readonly name: string;
  /** What programs need to find the token: filled in by its holder, who alone has it. */
  readonly templates?: CredentialTemplates;
};

/**
 * Targets that look at the access token themselves: there is nothing to make, so the grant's end is the
 * token's. `JIT_TOKEN` is set by whoever holds the token, never from here.
 */
export function openTokenConnector(options: TokenConnectorOptions): Connector {
  const credential = buildCredential(options.templates);
  return {
    kind: 'token',
    keepsNothing: true,
    plan: (grantId) => requireGrantId(grantId, options.name),
    issue: async () => credential,
    probe: async () => {},
    extend: async () => {},
    remove: async () => ({ sessionsEnded: 0 }),
    list: async () => [],
    activity: async () => null,
    close: async () => {},
  };
}

function buildCredential(templates: CredentialTemplates | undefined): Credential {
  if (!templates) return EMPTY_CREDENTIAL;
  const { environment = {}, files = {} } = templates;
  const isEmpty = Object.keys(environment).length + Object.keys(files).length === 0;
  if (isEmpty) return EMPTY_CREDENTIAL;
  return {
    ...EMPTY_CREDENTIAL,
    removes: listRivals({ environment, files }),
    templates: { environment, files },
  };
}

function requireGrantId(grantId: string, target: string): string {
  if (/^gr_[a-z0-9]+$/.test(grantId)) return grantId;
  throw fail('target_failed', { target, why: 'that is not the id of a grant' });
}
