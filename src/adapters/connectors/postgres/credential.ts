import type { Credential, SecretFile } from '../../../core/credential.ts';
import type { Handle } from '../../../core/ports/connector.ts';
import { Secret } from '../../../core/secret.ts';
import type { Address } from './address.ts';
import { readGrantId } from './role-name.ts';

/** Inherited variables that would lead libpq past what is set here (S9). */
const OVERRIDING = [
  'PGPASSWORD',
  'PGSERVICE',
  'PGSERVICEFILE',
  'PGHOSTADDR',
  'PGUSER',
  'PGOPTIONS',
  'PGSSLMODE',
  'DATABASE_URL',
];

export type Login = { readonly role: string; readonly password: Secret };

/** What libpq needs to log in as the role: the password in a password file, the rest in plain variables. */
export function buildCredential(
  address: Address,
  { handle, ...login }: Login & { readonly handle: Handle },
): Credential {
  return {
    environment: {
      PGHOST: address.host,
      PGPORT: String(address.port),
      PGDATABASE: address.database,
      PGUSER: login.role,
      PGAPPNAME: `jit ${readGrantId(handle)}`,
      ...(address.sslMode === undefined ? {} : { PGSSLMODE: address.sslMode }),
    },
    secretEnvironment: {},
    secretFiles: [
      {
        variable: 'PGPASSFILE',
        content: new Secret(buildPasswordFile(address, login)),
        instead: { variable: 'PGPASSWORD', value: login.password },
      },
      ...buildAuthoritiesFile(address),
    ],
    removes: OVERRIDING,
  };
}

/** The login as a credential carries it; undefined when it is not one of this connector's. */
export function readLogin(credential: Credential): Login | undefined {
  const role = credential.environment.PGUSER;
  const password = credential.secretFiles.find((file) => file.variable === 'PGPASSFILE')?.instead.value;
  return role !== undefined && password !== undefined ? { role, password } : undefined;
}

/** What the server's certificate comes from, for libpq: that file lies where jit is. Without a file, as libpq's own machine has it. */
function buildAuthoritiesFile({ authorities }: Address): readonly SecretFile[] {
  if (authorities === undefined) return [];
  const variable = 'PGSSLROOTCERT';
  return [{ variable, content: new Secret(authorities), instead: { variable, value: new Secret('system') } }];
}

/** For every database of this server and for no other server. libpq looks its default socket up as `localhost`. */
function buildPasswordFile(address: Address, login: Login): string {
  const hosts = address.host.startsWith('/') ? [address.host, 'localhost'] : [address.host];
  const rest = `${address.port}:*:${escapeField(login.role)}:${escapeField(login.password.reveal())}`;
  return hosts.map((host) => `${escapeField(host)}:${rest}\n`).join('');
}

function escapeField(text: string): string {
  return text.replace(/[\\:]/g, '\\$&');
}
