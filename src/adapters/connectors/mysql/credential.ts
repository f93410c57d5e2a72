import type { Credential } from '../../../core/credential.ts';
import { Secret } from '../../../core/secret.ts';
import type { Address, SslMode } from './address.ts';

/** Inherited variables that would lead the clients past what is set here (S9). */
const OVERRIDING = [
  'MYSQL_PWD',
  'MYSQL_HOST',
  'MYSQL_TCP_PORT',
  'MYSQL_UNIX_PORT',
  'MARIADB_UNIX_PORT',
  'MYSQL_HOME',
  'MARIADB_HOME',
  'MYSQL_GROUP_SUFFIX',
  'MARIADB_GROUP_SUFFIX',
  'MYSQL_USER',
  'MYSQL_DATABASE',
  'MYSQL_TEST_LOGIN_FILE',
  'DATABASE_URL',
];

export type Login = { readonly user: string; readonly password: Secret };

/**
 * What the clients need to log in: an option file, because nothing else tells them the user. They read `my.cnf` in the
 * folder that MYSQL_HOME names. The rest is for programs that read plain variables.
 */
export function buildCredential(address: Address, login: Login): Credential {
  return {
    environment: {
      MYSQL_HOST: address.host,
      MYSQL_TCP_PORT: String(address.port),
      MYSQL_USER: login.user,
      ...(address.database === '' ? {} : { MYSQL_DATABASE: address.database }),
    },
    secretEnvironment: {},
    secretFiles: [
      {
        variable: 'MYSQL_HOME',
        content: new Secret(buildOptionFile(address, login)),
        instead: { variable: 'MYSQL_PWD', value: login.password },
      },
    ],
    removes: OVERRIDING,
  };
}

/** The login as a credential carries it; undefined when it is not one of this connector's. */
export function readLogin(credential: Credential): Login | undefined {
  const user = credential.environment.MYSQL_USER;
  const password = credential.secretFiles.find((file) => file.variable === 'MYSQL_HOME')?.instead.value;
  return user !== undefined && password !== undefined ? { user, password } : undefined;
}

/** Only what `core/option-file.ts` lets a server say. MySQL's own clients encrypt wherever the server can. */
function buildOptionFile(address: Address, login: Login): string {
  return [
    '[client]',
    `user=${login.user}`,
    `password=${login.password.reveal()}`,
    `host=${address.host}`,
    `port=${address.port}`,
    'protocol=TCP',
    ...buildSslGroup(address.sslMode),
    ...(address.database === '' ? [] : ['[mysql]', `database=${address.database}`]),
    '',
  ].join('\n');
}

/** For MariaDB's own clients, whose newer versions verify a certificate unless they are told not to. */
function buildSslGroup(mode: SslMode): readonly string[] {
  const isVerified = mode === 'VERIFY_CA' || mode === 'VERIFY_IDENTITY';
  return [
    '[client-mariadb]',
    ...(mode === 'DISABLED' ? [] : ['ssl=1']),
    `ssl-verify-server-cert=${isVerified ? 1 : 0}`,
  ];
}
