import { describe, expect, it } from 'vitest';
import { type Credential, EMPTY_CREDENTIAL } from '../../../src/core/credential.ts';
import { awsHelper } from '../../../src/core/helpers/aws.ts';
import { Secret } from '../../../src/core/secret.ts';

const ENDS_AT = Date.parse('2026-11-21T12:30:00Z');
const grant = { scopes: ['prod:s3.read'], target: 'bucket', expiresAt: ENDS_AT };

function build(credential: Partial<Credential>): object {
  const secret = { token: new Secret('token-1'), credential: { ...EMPTY_CREDENTIAL, ...credential } };
  return awsHelper.build({ grant, secret, environment: {} });
}

const environment = { AWS_ACCESS_KEY_ID: 'ASIAEXAMPLE', AWS_REGION: 'eu-south-1' };
const secretEnvironment = {
  AWS_SECRET_ACCESS_KEY: new Secret('key-1'),
  AWS_SESSION_TOKEN: new Secret('session-1'),
};

describe('the document for AWS', () => {
  it('has the keys of the credential and the end of the grant', () => {
    expect(build({ environment, secretEnvironment })).toEqual({
      Version: 1,
      AccessKeyId: 'ASIAEXAMPLE',
      SecretAccessKey: 'key-1',
      SessionToken: 'session-1',
      Expiration: '2026-11-21T12:30:00Z',
    });
  });

  it.each([
    ['2026-11-21T12:20:00+00:00', '2026-11-21T12:20:00Z'],
    ['2026-11-21T12:40:00Z', '2026-11-21T12:30:00Z'],
    ['soon', '2026-11-21T12:30:00Z'],
  ])('with keys until %s ends %s', (end, expected) => {
    const own = { ...environment, AWS_CREDENTIAL_EXPIRATION: end };
    expect(build({ environment: own, secretEnvironment })).toMatchObject({ Expiration: expected });
  });

  it('has no session token where the credential has none', () => {
    const { AWS_SECRET_ACCESS_KEY } = secretEnvironment;
    expect(build({ environment, secretEnvironment: { AWS_SECRET_ACCESS_KEY } })).not.toHaveProperty(
      'SessionToken',
    );
  });

  it('is not made of half of the keys, or of what is for something else', () => {
    expect(() => build({ environment })).toThrow('bucket does not offer this: AWS keys');
    expect(() => build({ secretEnvironment })).toThrow('bucket does not offer this: AWS keys');
  });

  it('says how a web identity is used instead', () => {
    const templates = { environment: { AWS_WEB_IDENTITY_TOKEN_FILE: '{token_file}' }, files: {} };
    expect(() => build({ templates })).toThrow('jit exec --on bucket -- aws');
  });
});
