import { type Credential, listEnabling } from './credential.ts';
import { formatInstant, type Instant } from './time.ts';

export type ChildGrant = {
  readonly id: string;
  readonly scopes: readonly string[];
  readonly target: string;
  readonly expiresAt: Instant;
};

/** What jit was told for itself: no child needs it, and one of them is a passphrase. */
const OWN = ['JIT_KEYCHAIN_PASSPHRASE', 'JIT_KEYCHAIN_PASSPHRASE_FD', 'JIT_TOKEN'];

/** An environment without what jit was told for itself: for a program that has nothing to do with a grant. */
export function removeSecrets(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !OWN.includes(name)));
}

export type ChildEnvironmentParts = {
  readonly inherited: Readonly<Record<string, string>>;
  readonly grant: ChildGrant;
  readonly credential: Credential;
  /** The token, where the target understands it itself. */
  readonly token: string | undefined;
};

/** The child's whole environment except for its secret files: what would override is removed before anything is set. */
export function buildChildEnvironment(parts: ChildEnvironmentParts): Readonly<Record<string, string>> {
  const removed = new Set([
    ...OWN,
    ...parts.credential.removes,
    ...listEnabling(listVariables(parts.credential)),
  ]);
  const kept = Object.entries(parts.inherited).filter(([name]) => !removed.has(name));
  const secrets = Object.entries(parts.credential.secretEnvironment).map(([name, value]) => [
    name,
    value.reveal(),
  ]);
  return {
    ...Object.fromEntries(kept),
    ...parts.credential.environment,
    ...Object.fromEntries(secrets),
    ...(parts.token === undefined ? {} : { JIT_TOKEN: parts.token }),
    JIT_GRANT_ID: parts.grant.id,
    JIT_SCOPES: parts.grant.scopes.join(' '),
    JIT_TARGET: parts.grant.target,
    JIT_EXPIRES_AT: formatInstant(parts.grant.expiresAt),
  };
}

function listVariables(credential: Credential): readonly string[] {
  const { environment, secretEnvironment, secretFiles, templates } = credential;
  const named = [environment, secretEnvironment, templates?.environment ?? {}, templates?.files ?? {}];
  return [
    ...named.flatMap((variables) => Object.keys(variables)),
    ...secretFiles.map(({ variable }) => variable),
  ];
}
