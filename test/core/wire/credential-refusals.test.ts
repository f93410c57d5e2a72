import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { claimedMessage, encodeClaimed } from '../../../src/core/wire/claim.ts';
import { sampleClaimed } from '../../support/core-samples.ts';

describe('a credential from a server', () => {
  const claimed = encodeClaimed(sampleClaimed);
  const credential = claimed.credential ?? expect.fail('the sample has a credential');

  it.each([
    ['the environment', { environment: { LD_PRELOAD: '/tmp/x.so' } }],
    ['the secret environment', { secret_environment: { NODE_OPTIONS: '--import=/tmp/x.js' } }],
    ['what is removed', { removes: ['PATH'] }],
    ['a file', { secret_files: [{ ...credential.secret_files[0], variable: 'BASH_ENV' }] }],
    ['a template', { templates: { environment: { LD_PRELOAD: '{token_file}' }, files: {} } }],
    ['a file from a template', { templates: { environment: {}, files: { KUBECONFIG: '{token}' } } }],
    [
      'what stands in for a file',
      { secret_files: [{ ...credential.secret_files[0], instead: { variable: 'PATH', value: 'x' } }] },
    ],
  ])('is refused with a dangerous variable in %s', (_, change) => {
    const message = { ...claimed, credential: { ...credential, ...change } };
    expect(v.safeParse(claimedMessage, claimed).success).toBe(true);
    expect(v.safeParse(claimedMessage, message).success).toBe(false);
  });
});

describe('a path that a server chooses', () => {
  const claimed = encodeClaimed(sampleClaimed);
  const credential = claimed.credential ?? expect.fail('the sample has a credential');
  const accept = (change: object): boolean =>
    v.safeParse(claimedMessage, { ...claimed, credential: { ...credential, ...change } }).success;
  const KEY = '/home/dev/.ssh/id_rsa';

  it.each([
    'AWS_WEB_IDENTITY_TOKEN_FILE',
    'GOOGLE_APPLICATION_CREDENTIALS',
    'CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE',
    'AZURE_FEDERATED_TOKEN_FILE',
    'ARM_OIDC_TOKEN_FILE_PATH',
    'PGPASSFILE',
    'PGSSLROOTCERT',
  ])('is refused in %s', (name) => {
    const content = 'x';
    expect(accept({ environment: { [name]: KEY } })).toBe(false);
    expect(accept({ secret_environment: { [name]: KEY } })).toBe(false);
    expect(accept({ templates: { environment: { [name]: KEY }, files: {} } })).toBe(false);
    expect(accept({ templates: { environment: { [name]: '/{token_file}' }, files: {} } })).toBe(false);
    const instead = { variable: name, value: KEY };
    expect(accept({ secret_files: [{ variable: 'PGPASSFILE', content, instead }] })).toBe(false);
  });

  it.each(['AWS_WEB_IDENTITY_TOKEN_FILE', 'AZURE_FEDERATED_TOKEN_FILE', 'ARM_OIDC_TOKEN_FILE_PATH'])(
    'is that of the token in %s',
    (name) => {
      expect(accept({ templates: { environment: { [name]: '{token_file}' }, files: {} } })).toBe(true);
    },
  );

  it('is refused in a file of Google', () => {
    const name = 'GOOGLE_APPLICATION_CREDENTIALS';
    const reads = (file: string) => JSON.stringify({ type: 'external_account', credential_source: { file } });
    const instead = { variable: 'JIT_CREDENTIAL_X', value: '' };
    expect(accept({ templates: { environment: {}, files: { [name]: reads('{token_file}') } } })).toBe(true);
    expect(accept({ templates: { environment: {}, files: { [name]: reads(KEY) } } })).toBe(false);
    expect(accept({ secret_files: [{ variable: name, content: reads(KEY), instead }] })).toBe(false);
  });
});
