import type { ConnectorParts } from '../../../core/config/connector-kind.ts';
import { type Credential, EMPTY_CREDENTIAL } from '../../../core/credential.ts';
import { fail } from '../../../core/errors.ts';
import type { CertificateAuthority } from '../../../core/ports/certificates.ts';
import type { Connector } from '../../../core/ports/connector.ts';
import type { Scope } from '../../../core/scope.ts';
import { formatPublicKey } from '../../../core/ssh-wire.ts';
import { makeAuthorityKey, readAuthorityKey, type SshAuthority } from './authority.ts';
import { LONGEST_CERTIFICATE_MS, type SigningRules, signOrder } from './sign.ts';

export type SshConnectorOptions = SigningRules &
  Pick<ConnectorParts, 'clock' | 'readSecret'> & { readonly host: string; readonly port: number };

/**
 * A target that takes certificates: nothing is made there for a grant, so there is nothing to remove or to look for.
 * A grant's end is that nothing is signed any more; what was signed ends by itself.
 */
export function openSshConnector(options: SshConnectorOptions): Connector {
  return {
    kind: 'ssh',
    keepsNothing: true,
    certificates: openAuthority(options),
    plan: (grantId) => requireGrantId(grantId, options.name),
    issue: async ({ scopes }) => describeAccess(options, scopes),
    probe: async () => {},
    extend: async () => {},
    remove: async () => ({ sessionsEnded: 0 }),
    list: async () => [],
    activity: async () => null,
    close: async () => {},
  };
}

function openAuthority(options: SshConnectorOptions): CertificateAuthority {
  const { name, host, port, lifetimeMs, clock, readSecret } = options;
  let known: SshAuthority | undefined;
  const read = async (): Promise<SshAuthority> => {
    known ??= readAuthorityKey(await readSecret(`ssh authority of ${name}`, makeAuthorityKey));
    return known;
  };
  return {
    address: { host, port },
    lifetimeMs,
    earlier: { until: clock.now(), lifetimeMs: LONGEST_CERTIFICATE_MS },
    readAuthority: async () => formatPublicKey((await read()).publicKey, `jit-${name}`),
    sign: async (order) => signOrder(options, order, await read()),
  };
}

/** What a person types: nothing of it is a secret. */
function describeAccess(
  { host, port, principals }: SshConnectorOptions,
  scopes: readonly Scope[],
): Credential {
  const names = new Set(scopes.flatMap((scope) => principals[scope] ?? []));
  return {
    ...EMPTY_CREDENTIAL,
    environment: {
      JIT_SSH_HOST: host,
      JIT_SSH_PORT: String(port),
      JIT_SSH_PRINCIPALS: [...names].join(' '),
    },
  };
}

function requireGrantId(grantId: string, target: string): string {
  if (/^gr_[a-z0-9]+$/.test(grantId)) return grantId;
  throw fail('target_failed', { target, why: 'that is not the id of a grant' });
}
