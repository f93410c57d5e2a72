import { describe, expect, it } from 'vitest';
import { isRemovableVariable, isSettableVariable } from '../../src/core/credential.ts';

const DANGEROUS = [
  'PATH',
  'HOME',
  'SHELL',
  'IFS',
  'ENV',
  'BASH_ENV',
  'LD_PRELOAD',
  'LD_LIBRARY_PATH',
  'DYLD_INSERT_LIBRARIES',
  'NODE_OPTIONS',
  'PYTHONPATH',
  'PYTHONSTARTUP',
  'PERL5LIB',
  'RUBYOPT',
  'GIT_SSH_COMMAND',
  'SSH_ASKPASS',
  'PSQLRC',
  'PAGER',
  'PSQL_PAGER',
  'PSQL_EDITOR',
  'PROMPT_COMMAND',
  'GCONV_PATH',
  'JAVA_TOOL_OPTIONS',
  'EDITOR',
  'VISUAL',
  'JIT_TOKEN',
  'JIT_SERVER',
  '__proto__',
  'constructor',
  'pghost',
  '1PG',
  'PG HOST',
  'PG=HOST',
  'PGHOST\n',
  '',
  'X'.repeat(65),
];

describe('a variable that a server sets in a child', () => {
  it.each([
    'PGHOST',
    'PGPORT',
    'PGDATABASE',
    'PGUSER',
    'PGPASSFILE',
    'PGPASSWORD',
    'PGAPPNAME',
    'PGSSLMODE',
    'PGSSLROOTCERT',
  ])('may be %s', (name) => {
    expect(isSettableVariable(name)).toBe(true);
  });

  it.each([
    'AWS_ROLE_ARN',
    'AWS_WEB_IDENTITY_TOKEN_FILE',
    'AWS_SESSION_TOKEN',
    'GOOGLE_APPLICATION_CREDENTIALS',
    'AZURE_FEDERATED_TOKEN_FILE',
    'VAULT_TOKEN',
    'JIT_CREDENTIAL_PASSWORD',
  ])('may be %s, by which a program knows who somebody is', (name) => {
    expect(isSettableVariable(name)).toBe(true);
  });

  it.each([
    'AWS_ENDPOINT_URL',
    'AWS_ENDPOINT_URL_S3',
    'AWS_CA_BUNDLE',
    'AWS_SHARED_CREDENTIALS_FILE',
    'AWS_PROFILE',
    'GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES',
    'CLOUDSDK_PYTHON',
    'CLOUDSDK_CONFIG',
    'AZURE_AUTHORITY_HOST',
    'AZURE_CONFIG_DIR',
    'VAULT_ADDR',
    'VAULT_CACERT',
    'BAO_ADDR',
    'JIT_CREDENTIAL_',
    'JIT_CREDENTIALS',
    'JIT_CREDENTIAL_a',
    'JIT_GRANT_ID',
    'JIT_KEYCHAIN',
  ])('may not be %s: it chooses code, or where a secret of the user’s goes', (name) => {
    expect(isSettableVariable(name)).toBe(false);
  });

  it.each([
    ...DANGEROUS,
    'LESSOPEN',
    'KUBECONFIG',
    'AWS_CONFIG_FILE',
    'ZDOTDIR',
    'PS4',
    'RUSTC_WRAPPER',
    'GOFLAGS',
    'LUA_INIT',
    'DOTNET_STARTUP_HOOKS',
    'NPM_CONFIG_SCRIPT_SHELL',
    'MAKEFLAGS',
    'BROWSER',
    'XDG_CONFIG_HOME',
    'PGSERVICEFILE',
    'PGOPTIONS',
    'PGSYSCONFDIR',
    'API_TOKEN',
  ])('may not be %j: what chooses code is on no list', (name) => {
    expect(isSettableVariable(name)).toBe(false);
  });
});

describe('an inherited variable that a server has removed', () => {
  it.each(['PGSERVICE', 'PGSERVICEFILE', 'PGHOSTADDR', 'PGOPTIONS', 'DATABASE_URL'])('may be %s', (name) => {
    expect(isRemovableVariable(name)).toBe(true);
  });

  it.each(DANGEROUS)('may not be %j', (name) => {
    expect(isRemovableVariable(name)).toBe(false);
  });
});
