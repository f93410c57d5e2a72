import { isOwnExternalAccount, isServiceAccountKey } from './google-file.ts';
import type { Secret } from './secret.ts';

/**
 * What a child process needs to use a grant, independent of the kind of target: `jit exec` hands it over
 * without knowing any kind. Only `Secret`s are secret; the rest may be shown.
 */
export type Credential = {
  readonly environment: Readonly<Record<string, string>>;
  readonly secretEnvironment: Readonly<Record<string, Secret>>;
  readonly secretFiles: readonly SecretFile[];
  /** Inherited variables that would override these; removed first. */
  readonly removes: readonly string[];
  /** What only the holder of the token can fill in. */
  readonly templates?: CredentialTemplates;
};

/**
 * Texts by variable, with placeholders as in `token-template.ts`: what a variable is set to, or what is in the secret file
 * whose path it is set to.
 */
export type CredentialTemplates = {
  readonly environment: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
};

/** `variable` is set to the path of a file with this content; where no such file can be, `instead` is set. */
export type SecretFile = {
  readonly variable: string;
  readonly content: Secret;
  readonly instead: { readonly variable: string; readonly value: Secret };
};

export const EMPTY_CREDENTIAL: Credential = {
  environment: {},
  secretEnvironment: {},
  secretFiles: [],
  removes: [],
};

/**
 * What credentials may set in a child, by what reads it. A new kind adds its names here: who somebody is, where, and with
 * what. No program, no library, no file that may name one, and no address to which a secret of the user's own would be
 * sent, such as `VAULT_ADDR` and `AZURE_AUTHORITY_HOST`.
 */
export const SETTABLE_VARIABLES: Readonly<Record<string, readonly string[]>> = {
  'AWS with a web identity, or with keys': [
    'AWS_ROLE_ARN',
    'AWS_ROLE_SESSION_NAME',
    'AWS_WEB_IDENTITY_TOKEN_FILE',
    'AWS_REGION',
    'AWS_DEFAULT_REGION',
    'AWS_STS_REGIONAL_ENDPOINTS',
    'AWS_ACCESS_KEY_ID',
    'AWS_SECRET_ACCESS_KEY',
    'AWS_SESSION_TOKEN',
    'AWS_CREDENTIAL_EXPIRATION',
  ],
  'Google Cloud': [
    'GOOGLE_APPLICATION_CREDENTIALS',
    'GOOGLE_CLOUD_PROJECT',
    'GOOGLE_CLOUD_QUOTA_PROJECT',
    'CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE',
    'CLOUDSDK_CORE_PROJECT',
  ],
  Azure: [
    'AZURE_CLIENT_ID',
    'AZURE_TENANT_ID',
    'AZURE_FEDERATED_TOKEN_FILE',
    'AZURE_SUBSCRIPTION_ID',
    'ARM_CLIENT_ID',
    'ARM_TENANT_ID',
    'ARM_SUBSCRIPTION_ID',
    'ARM_USE_OIDC',
    'ARM_OIDC_TOKEN_FILE_PATH',
  ],
  'Vault and OpenBao': ['VAULT_NAMESPACE', 'VAULT_TOKEN', 'BAO_NAMESPACE', 'BAO_TOKEN'],
  'Kubernetes, by jit credential and by Terraform': [
    'KUBE_TOKEN',
    'KUBE_CLIENT_CERT_DATA',
    'KUBE_CLIENT_KEY_DATA',
  ],
  postgres: [
    'PGHOST',
    'PGPORT',
    'PGDATABASE',
    'PGUSER',
    'PGPASSFILE',
    'PGPASSWORD',
    'PGAPPNAME',
    'PGSSLMODE',
    'PGSSLROOTCERT',
  ],
  'MariaDB and MySQL': ['MYSQL_HOST', 'MYSQL_TCP_PORT', 'MYSQL_USER', 'MYSQL_DATABASE', 'MYSQL_PWD'],
  ssh: ['JIT_SSH_HOST', 'JIT_SSH_PORT', 'JIT_SSH_PRINCIPALS'],
};

const settable: ReadonlySet<string> = new Set(Object.values(SETTABLE_VARIABLES).flat());
/** Nothing but what was written for it reads these. */
const FREE = /^JIT_CREDENTIAL_[A-Z0-9_]{1,48}$/;

/** May a server set this variable in a child? A list of what it may: nobody can list all that choose what code runs. */
export function isSettableVariable(name: string): boolean {
  return settable.has(name) || FREE.test(name);
}

/** Set to a path: what lies there is sent away, or believed, so it is a file of jit's own and none of the user's. */
const PATHS: ReadonlySet<string> = new Set([
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'GOOGLE_APPLICATION_CREDENTIALS',
  'CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE',
  'AZURE_FEDERATED_TOKEN_FILE',
  'ARM_OIDC_TOKEN_FILE_PATH',
  'PGPASSFILE',
  'PGSSLROOTCERT',
]);
const GOOGLE_FILES: ReadonlySet<string> = new Set([
  'GOOGLE_APPLICATION_CREDENTIALS',
  'CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE',
]);

/** May a server set the variable to just this? `system` is no path to libpq. */
export function isSettableValue(name: string, text: string): boolean {
  return !PATHS.has(name) || (name === 'PGSSLROOTCERT' && text === 'system');
}

/** May a server set the variable to what this template becomes? The grant's token is the one file that it may name. */
export function isSettableTemplate(name: string, template: string): boolean {
  return !PATHS.has(name) || (template === '{token_file}' && !GOOGLE_FILES.has(name));
}

/** May what the variable names be a file with this in it, once the token's path is filled in? */
export function isSettableFileTemplate(name: string, template: string): boolean {
  return !GOOGLE_FILES.has(name) || isOwnExternalAccount(template);
}

/** May what the variable names be a file with just this in it? */
export function isSettableFile(name: string, text: string): boolean {
  return !GOOGLE_FILES.has(name) || isServiceAccountKey(text);
}

const NAME = /^[A-Z][A-Z0-9_]{0,63}$/;
const NEEDED =
  /^(PATH|HOME|SHELL|IFS|ENV|BASH_.*|LD_.*|DYLD_.*|NODE_.*|PYTHON.*|PERL.*|RUBY.*|GIT_.*|JIT_.*|SSH_.*|JAVA_.*|JDK_.*|OPENSSL_.*|PSQLRC|GCONV_PATH|PROMPT_COMMAND|VISUAL|.*(PAGER|EDITOR|_PROXY))$/;

/** May a server have this inherited variable removed? Not those that how a child runs depends on, nor jit's own. */
export function isRemovableVariable(name: string): boolean {
  return NAME.test(name) && !NEEDED.test(name);
}

/** Inherited variables that would let what is set here run a program: removed with it, whatever the server says. */
const ENABLING: Readonly<Record<string, string>> = {
  GOOGLE_APPLICATION_CREDENTIALS: 'GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES',
  CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE: 'GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES',
};

export function listEnabling(names: readonly string[]): readonly string[] {
  return names.flatMap((name) => ENABLING[name] ?? []);
}
