import { describe, expect, it } from 'vitest';
import { isOwnExternalAccount, isServiceAccountKey } from '../../src/core/google-file.ts';

const EVIL = 'https://evil.example.com/token';
const source = { file: '{token_file}' };
const account = {
  type: 'external_account',
  audience:
    '//iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/jit/providers/orders',
  subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
  token_url: 'https://sts.googleapis.com/v1/token',
  service_account_impersonation_url:
    'https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/read@orders.iam.gserviceaccount.com:generateAccessToken',
  service_account_impersonation: { token_lifetime_seconds: 600 },
  credential_source: source,
};

describe('a file that exchanges the grant’s token at Google', () => {
  it('is taken however it is laid out', () => {
    for (const indent of [0, 2, '\t'])
      expect(isOwnExternalAccount(JSON.stringify(account, null, indent))).toBe(true);
    const format = { ...source, format: { type: 'text' } };
    expect(isOwnExternalAccount(JSON.stringify({ ...account, credential_source: format }))).toBe(true);
  });

  it.each([
    'https://europe-west1.sts.googleapis.com/v1/token',
    'https://sts.europe-west1.rep.googleapis.com/v1/token',
    'https://europe-west1-sts.googleapis.com/v1/token',
  ])('may go to %s', (token_url) => {
    expect(isOwnExternalAccount(JSON.stringify({ ...account, token_url }))).toBe(true);
  });

  it.each<readonly [string, object]>([
    ['another file', { credential_source: { file: '/home/dev/.ssh/id_rsa' } }],
    ['a file beside the token’s', { credential_source: { file: '{token_file}/../x' } }],
    ['an address to read from', { credential_source: { url: 'http://169.254.169.254/' } }],
    ['an address besides', { credential_source: { ...source, url: 'http://169.254.169.254/' } }],
    ['a program', { credential_source: { ...source, executable: { command: 'id' } } }],
    [
      'a certificate',
      { credential_source: { ...source, certificate: { certificate_config_location: '/x' } } },
    ],
    ['an environment', { credential_source: { ...source, environment_id: 'aws1' } }],
    ['no source', { credential_source: undefined }],
    ['a list for a source', { credential_source: [] }],
    ['another type', { type: 'authorized_user' }],
    ['somebody else’s exchange', { token_url: EVIL }],
    ['an exchange in plain', { token_url: 'http://sts.googleapis.com/v1/token' }],
    ['a host that only ends alike', { token_url: 'https://evilsts.googleapis.com.example.com/v1/token' }],
    ['a user before the host', { token_url: 'https://sts.googleapis.com@evil.example.com/v1/token' }],
    ['a path that is the host', { token_url: 'https://evil.example.com/.sts.googleapis.com/v1/token' }],
    ['a bucket of somebody’s', { token_url: 'https://storage.googleapis.com/evil/v1/token' }],
    ['somebody else’s impersonation', { service_account_impersonation_url: EVIL }],
    ['somebody else to ask about a token', { token_info_url: EVIL }],
    ['another universe', { universe_domain: 'example.com' }],
    ['a field in another case', { Token_URL: EVIL }],
    ['a field that is not known', { workforce: 'x' }],
    ['the token in a name, which could end the text', { audience: '{token}' }],
  ])('is refused with %s', (_what, change) => {
    expect(isOwnExternalAccount(JSON.stringify({ ...account, ...change }))).toBe(false);
  });

  it.each([
    ['nothing', ''],
    ['no object', '"external_account"'],
    ['null', 'null'],
    ['a field twice', `{"type":"external_account","token_url":"${EVIL}",${JSON.stringify(account).slice(1)}`],
    ['__proto__', `{"__proto__":{},${JSON.stringify(account).slice(1)}`],
    ['more behind it', `${JSON.stringify(account)}{}`],
  ])('is refused where it is %s', (_what, text) => {
    expect(isOwnExternalAccount(text)).toBe(false);
  });
});

describe('a key of a service account', () => {
  const key = {
    type: 'service_account',
    project_id: 'orders-prod',
    private_key_id: 'abc',
    private_key: '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n',
    client_email: 'read@orders.iam.gserviceaccount.com',
    client_id: '1',
    auth_uri: 'https://accounts.google.com/o/oauth2/auth',
    token_uri: 'https://oauth2.googleapis.com/token',
    client_x509_cert_url: 'https://www.googleapis.com/robot/v1/metadata/x509/read%40orders',
    universe_domain: 'googleapis.com',
  };

  it('is taken as Google makes it', () => {
    expect(isServiceAccountKey(JSON.stringify(key, null, 2))).toBe(true);
  });

  it.each([
    { token_uri: EVIL },
    { token_uri: undefined },
    { universe_domain: 'example.com' },
    { type: 'external_account', credential_source: source },
    { source_credentials: {} },
  ])('is refused with %j', (change) => {
    expect(isServiceAccountKey(JSON.stringify({ ...key, ...change }))).toBe(false);
  });
});
