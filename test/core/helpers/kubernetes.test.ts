import { describe, expect, it } from 'vitest';
import { type Credential, EMPTY_CREDENTIAL } from '../../../src/core/credential.ts';
import { kubernetesHelper } from '../../../src/core/helpers/kubernetes.ts';
import { Secret } from '../../../src/core/secret.ts';
import type { HeldSecret } from '../../../src/core/wire/held-secret.ts';

const ENDS_AT = Date.parse('2026-11-21T12:30:00Z');
const grant = { scopes: ['prod:k8s.view'], target: 'cluster', expiresAt: ENDS_AT };
const token = new Secret('token-1');
const V1 = 'client.authentication.k8s.io/v1';

function build(
  secret: Partial<HeldSecret>,
  environment: Readonly<Record<string, string | undefined>> = {},
): object {
  return kubernetesHelper.build({
    grant,
    secret: { token, credential: EMPTY_CREDENTIAL, ...secret },
    environment,
  });
}

function credentialWith(secrets: Readonly<Record<string, string>>): Credential {
  const secretEnvironment = Object.fromEntries(
    Object.entries(secrets).map(([name, text]) => [name, new Secret(text)]),
  );
  return { ...EMPTY_CREDENTIAL, secretEnvironment };
}

describe('the document for Kubernetes', () => {
  it('has the token of the grant and its end', () => {
    expect(build({})).toEqual({
      apiVersion: V1,
      kind: 'ExecCredential',
      status: { expirationTimestamp: '2026-11-21T12:30:00Z', token: 'token-1' },
    });
  });

  it('ends with the token, where that ends before the grant', () => {
    const terms = { expiresAt: ENDS_AT - 60_000, boundTo: null };
    expect(build({ terms })).toMatchObject({ status: { expirationTimestamp: '2026-11-21T12:29:00Z' } });
  });

  it('has the token that was made for this cluster, if one was', () => {
    const credential = credentialWith({ KUBE_TOKEN: 'made-1' });
    expect(build({ credential })).toMatchObject({ status: { token: 'made-1' } });
  });

  it('has the client certificate instead of a token, if one was made', () => {
    const credential = credentialWith({ KUBE_CLIENT_CERT_DATA: 'cert-1', KUBE_CLIENT_KEY_DATA: 'key-1' });
    expect(build({ credential })).toMatchObject({
      status: {
        expirationTimestamp: '2026-11-21T12:30:00Z',
        clientCertificateData: 'cert-1',
        clientKeyData: 'key-1',
      },
    });
    expect(JSON.stringify(build({ credential }))).not.toContain('token');
  });

  it.each([
    ['a password of a database', { credential: credentialWith({ PGPASSWORD: 'password-1' }) }],
    ['a certificate without its key', { credential: credentialWith({ KUBE_CLIENT_CERT_DATA: 'cert-1' }) }],
    ['a token that needs proofs', { terms: { expiresAt: ENDS_AT, boundTo: 'x'.repeat(43) } }],
  ])('is not made of %s', (_what, secret) => {
    expect(() => build(secret)).toThrow('cluster does not offer this: a token or a certificate');
  });

  it.each([
    ['another version', JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1alpha1' })],
    ['no version', '{}'],
    ['what is no document', 'null'],
    ['what is not JSON', '<html>'],
  ])('is refused where kubectl asks for %s', (_what, information) => {
    expect(() => build({}, { KUBERNETES_EXEC_INFO: information })).toThrow(`write apiVersion: ${V1}`);
  });

  it('is written where kubectl asks for this version', () => {
    const information = JSON.stringify({
      apiVersion: V1,
      kind: 'ExecCredential',
      spec: { interactive: true },
    });
    expect(build({}, { KUBERNETES_EXEC_INFO: information })).toMatchObject({ apiVersion: V1 });
  });
});
