import { describe, expect, it } from 'vitest';
import { isSafeVariable } from '../../src/core/credential.ts';

describe('a variable that a server sets in a child', () => {
  it.each([
    'PGHOST',
    'PGPASSFILE',
    'PGPASSWORD',
    'API_TOKEN',
    'AWS_SESSION_TOKEN',
    'KUBECONFIG',
    'DATABASE_URL',
  ])('may be %s', (name) => {
    expect(isSafeVariable(name)).toBe(true);
  });

  it.each([
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
    'pghost',
    '1PG',
    'PG HOST',
    'PG=HOST',
    'PGHOST\n',
    '',
    'X'.repeat(65),
  ])('may not be %j', (name) => {
    expect(isSafeVariable(name)).toBe(false);
  });
});
