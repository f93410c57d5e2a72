import { fail } from '../errors.ts';
import { formatInstant } from '../time.ts';
import type { Helper, HelperOrder } from './helper.ts';
import { findEnd, findVariable } from './read-credential.ts';

/** What the AWS tools read from a `credential_process`: the keys that the credential has, nothing is exchanged here. */
export const awsHelper: Helper = {
  name: 'aws',
  build: (order) => {
    const { credential } = order.secret;
    const keyId = findVariable(credential, 'AWS_ACCESS_KEY_ID');
    const key = findVariable(credential, 'AWS_SECRET_ACCESS_KEY');
    if (!keyId || !key) throw explainMissing(order);
    const token = findVariable(credential, 'AWS_SESSION_TOKEN');
    const ownEnd = findVariable(credential, 'AWS_CREDENTIAL_EXPIRATION');
    return {
      Version: 1,
      AccessKeyId: keyId,
      SecretAccessKey: key,
      ...(token ? { SessionToken: token } : {}),
      Expiration: formatInstant(findEnd(order, [ownEnd])),
    };
  },
};

/** A web identity is taken to AWS by its own tools, which read the token from a file of `jit exec`. */
function explainMissing({ secret, grant }: HelperOrder): Error {
  const { environment = {}, files = {} } = secret.credential.templates ?? {};
  const isWebIdentity = ['AWS_WEB_IDENTITY_TOKEN_FILE'].some((name) => name in environment || name in files);
  const what = isWebIdentity
    ? `AWS keys, but a web identity: jit exec --on ${grant.target} -- aws … uses it`
    : 'AWS keys';
  return fail('not_offered', { address: grant.target, what });
}
