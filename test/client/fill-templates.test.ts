import { describe, expect, it } from 'vitest';
import { fillTemplates } from '../../src/client/fill-templates.ts';
import { buildChildEnvironment } from '../../src/core/child-environment.ts';
import { EMPTY_CREDENTIAL } from '../../src/core/credential.ts';
import { Secret } from '../../src/core/secret.ts';

const grant = {
  id: 'gr_1',
  scopes: ['prod:cloud.read', 'prod:cloud.write'],
  target: 'cloud',
  expiresAt: Date.UTC(2026, 10, 22, 15, 0, 0),
};

/** What the child would be started with, and what is in each file. */
function fill(environment: Readonly<Record<string, string>>, files: Readonly<Record<string, string>> = {}) {
  const placed: string[] = [];
  const build = fillTemplates({ templates: { environment, files }, token: new Secret('token-1'), grant });
  const variables = build?.((content) => `/files/${placed.push(content.reveal())}`);
  return { variables, placed };
}

describe('the templates of a credential', () => {
  it('say what the holder of the token knows', () => {
    const { variables } = fill({
      AWS_ROLE_SESSION_NAME: 'jit-{grant_id}',
      JIT_CREDENTIAL_ALL: '{scopes} until {expires_at}',
      JIT_CREDENTIAL_TOKEN: '{token}',
    });
    expect(variables).toEqual({
      AWS_ROLE_SESSION_NAME: 'jit-gr_1',
      JIT_CREDENTIAL_ALL: 'prod:cloud.read prod:cloud.write until 2026-11-22T15:00:00Z',
      JIT_CREDENTIAL_TOKEN: 'token-1',
    });
  });

  it('S9: put the token in one file, however often they name it, and in none when nobody does', () => {
    const { variables, placed } = fill(
      { AWS_WEB_IDENTITY_TOKEN_FILE: '{token_file}', AZURE_FEDERATED_TOKEN_FILE: '{token_file}' },
      { GOOGLE_APPLICATION_CREDENTIALS: '{ "file": "{token_file}" }' },
    );
    expect(placed).toEqual(['token-1', '{ "file": "/files/1" }']);
    expect(variables).toEqual({
      AWS_WEB_IDENTITY_TOKEN_FILE: '/files/1',
      AZURE_FEDERATED_TOKEN_FILE: '/files/1',
      GOOGLE_APPLICATION_CREDENTIALS: '/files/2',
    });
    expect(fill({ AWS_REGION: 'eu-south-1' }).placed).toEqual([]);
  });

  it('are nothing to fill in where a credential has none', () => {
    expect(fillTemplates({ templates: undefined, token: new Secret('token-1'), grant })).toBeUndefined();
  });
});

describe('what would let a file of the server run a program', () => {
  it.each([
    ['a template', { templates: { environment: {}, files: { GOOGLE_APPLICATION_CREDENTIALS: '{}' } } }],
    ['a variable', { environment: { GOOGLE_APPLICATION_CREDENTIALS: '/etc/c.json' } }],
  ])('is removed with %s that names the file, whether or not the server says so', (_what, changes) => {
    const inherited = { PATH: '/bin', GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES: '1' };
    const build = (credential: object) =>
      buildChildEnvironment({
        inherited,
        grant,
        credential: { ...EMPTY_CREDENTIAL, ...credential },
        token: undefined,
      });
    expect(build(changes)).not.toHaveProperty('GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES');
    expect(build({})).toHaveProperty('GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES', '1');
  });
});
