import { describe, expect, it } from 'vitest';
import { CONNECTOR_KINDS } from '../../../../src/adapters/connectors/kinds.ts';
import { openTokenConnector } from '../../../../src/adapters/connectors/token/kind.ts';
import { decodeConfig } from '../../../../src/core/config/decode.ts';

const ORDER = { handle: 'gr_1', scopes: ['prod:cloud.read'], expiresAt: 2, deadlineAt: 1 };

function decode(target: object) {
  return decodeConfig(
    {
      url: 'https://jit.example.com',
      listen: '127.0.0.1:7420',
      store: 'sqlite:./jit.db',
      identity: { dev: { users: [{ name: 'dev' }] } },
      scopes: {
        'prod:cloud.read': {
          description: 'Read',
          sensitivity: 'low',
          default: '30m',
          max: '1h',
          targets: ['cloud'],
        },
      },
      targets: { cloud: { kind: 'token', audience: 'https://cloud.example.com', ...target } },
    },
    { kinds: CONNECTOR_KINDS },
  );
}

function complain(target: object): readonly string[] {
  const decoded = decode(target);
  return decoded.ok ? [] : decoded.complaints.map(({ path, why }) => `${path.join('.')} ${why}`);
}

describe('a target of kind token', () => {
  it('is told which variables and files its holder fills in', () => {
    const environment = {
      AWS_ROLE_ARN: 'arn:aws:iam::1:role/x',
      AWS_WEB_IDENTITY_TOKEN_FILE: '{token_file}',
    };
    const files = {
      GOOGLE_APPLICATION_CREDENTIALS:
        '{"type":"external_account","credential_source":{"file":"{token_file}"}}',
    };
    const decoded = decode({ environment, files, alg: 'RS256' });
    expect(decoded).toMatchObject({
      ok: true,
      config: { targets: [{ algorithm: 'RS256', settings: { environment, files } }] },
    });
  });

  it.each([
    ['a variable that chooses code', { environment: { LD_PRELOAD: '/tmp/x' } }, 'environment.LD_PRELOAD'],
    [
      'a path of its own',
      { environment: { AWS_WEB_IDENTITY_TOKEN_FILE: '/home/dev/.ssh/id_rsa' } },
      'environment.AWS_WEB_IDENTITY_TOKEN_FILE',
    ],
    [
      'a Google file that reads another',
      {
        files: {
          GOOGLE_APPLICATION_CREDENTIALS: '{"type":"external_account","credential_source":{"file":"/etc/x"}}',
        },
      },
      'files.GOOGLE_APPLICATION_CREDENTIALS must be an external_account',
    ],
    ['a file that names programs', { files: { KUBECONFIG: '{token}' } }, 'files.KUBECONFIG'],
    [
      'an address that gets other secrets',
      { environment: { VAULT_ADDR: 'https://x' } },
      'environment.VAULT_ADDR',
    ],
    ['jit’s own', { environment: { JIT_TOKEN: '{token}' } }, 'environment.JIT_TOKEN'],
    ['a placeholder that is none', { environment: { AWS_ROLE_ARN: '{arn}' } }, 'has no {arn} to put in'],
    [
      'one in a file',
      { files: { JIT_CREDENTIAL_FILE: '{"a":"{tokenfile}"}' } },
      'has no {tokenfile} to put in',
    ],
    [
      'a variable from two sources',
      { environment: { JIT_CREDENTIAL_A: 'x' }, files: { JIT_CREDENTIAL_A: 'y' } },
      'files.JIT_CREDENTIAL_A is in "environment" too',
    ],
    ['a bound token in a file', { dpop: true, environment: { AWS_ROLE_ARN: 'x' } }, 'dpop makes tokens'],
    ['another algorithm', { alg: 'HS256' }, 'alg must be one of ES256, RS256'],
    ['a number', { environment: { AWS_ROLE_ARN: 1 } }, 'environment.AWS_ROLE_ARN'],
  ])('is refused at the start with %s', (_what, target, complaint) => {
    expect(complain(target).join('\n')).toContain(complaint);
  });

  it('hands its templates over as they are: it has no token to put in', async () => {
    const templates = { environment: { AWS_ROLE_ARN: 'arn' }, files: {} };
    const credential = await openTokenConnector({ name: 'cloud', templates }).issue(ORDER);
    expect(credential).toMatchObject({ environment: {}, templates });
  });

  it.each([
    [
      'AWS_WEB_IDENTITY_TOKEN_FILE',
      ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_PROFILE'],
    ],
    ['GOOGLE_APPLICATION_CREDENTIALS', ['CLOUDSDK_AUTH_ACCESS_TOKEN_FILE']],
    [
      'AZURE_FEDERATED_TOKEN_FILE',
      ['AZURE_CLIENT_SECRET', 'AZURE_CLIENT_CERTIFICATE_PATH', 'AZURE_PASSWORD'],
    ],
  ])('has removed what a program would prefer to %s', async (name, removed) => {
    const templates = { environment: { [name]: '{token_file}' }, files: {} };
    const { removes } = await openTokenConnector({ name: 'cloud', templates }).issue(ORDER);
    expect(removes).toEqual(expect.arrayContaining([...removed]));
  });

  it('sets nothing and removes nothing where it is told nothing', async () => {
    expect(await openTokenConnector({ name: 'api' }).issue(ORDER)).toEqual({
      environment: {},
      secretEnvironment: {},
      secretFiles: [],
      removes: [],
    });
  });
});
