import { fail } from '../errors.ts';
import { formatInstant } from '../time.ts';
import type { Helper, HelperOrder } from './helper.ts';
import { findEnd, findVariable, isBearer } from './read-credential.ts';

const VERSION = 'client.authentication.k8s.io/v1';

/** client-go's `ExecCredential`: a token, or a client certificate where the credential has one. */
export const kubernetesHelper: Helper = {
  name: 'kubernetes',
  build: (order) => {
    requireVersion(order.environment.KUBERNETES_EXEC_INFO);
    const { status, expiresAt } = buildStatus(order);
    return {
      apiVersion: VERSION,
      kind: 'ExecCredential',
      status: { expirationTimestamp: formatInstant(expiresAt), ...status },
    };
  },
};

type Status = { readonly status: object; readonly expiresAt: number };

/** A credential made for the cluster comes first; the grant's own token is for a cluster that trusts jit as its issuer. */
function buildStatus(order: HelperOrder): Status {
  const { secret, grant } = order;
  const { credential, token, terms } = secret;
  const [certificate, key, made] = ['KUBE_CLIENT_CERT_DATA', 'KUBE_CLIENT_KEY_DATA', 'KUBE_TOKEN'].map(
    (name) => findVariable(credential, name),
  );
  if (certificate && key) {
    const status = { clientCertificateData: certificate, clientKeyData: key };
    return { status, expiresAt: findEnd(order, []) };
  }
  if (made) return { status: { token: made }, expiresAt: findEnd(order, []) };
  if (isBearer(secret))
    return { status: { token: token.reveal() }, expiresAt: findEnd(order, [terms?.expiresAt]) };
  throw fail('not_offered', { address: grant.target, what: 'a token or a certificate for Kubernetes' });
}

/** Absent where a person runs it by hand. */
function requireVersion(information: string | undefined): void {
  if (!information) return;
  const version = readVersion(information);
  if (version === VERSION) return;
  throw fail('usage', {
    why: `KUBERNETES_EXEC_INFO asks for ${version}: write apiVersion: ${VERSION} in the kubeconfig`,
  });
}

function readVersion(information: string): string {
  try {
    const { apiVersion } = JSON.parse(information);
    return typeof apiVersion === 'string' ? apiVersion : 'no version';
  } catch {
    return 'no version';
  }
}
