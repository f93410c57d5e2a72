/** Who asks or decides. `subject` is immutable and names the account; `name` is for people. */
export type Principal = {
  readonly subject: string;
  readonly name: string;
  readonly kind: 'person' | 'workload';
  readonly groups: readonly string[];
  /** The human behind the account, where the identity knows that one has several; else the subject. */
  readonly person: string;
};

const LOGIN_METHODS = ['device', 'browser', 'workload'] as const;

/** How and when the principal logged in: policy looks at all of it. */
export type Login = {
  readonly method: (typeof LOGIN_METHODS)[number];
  readonly at: number;
  /** The `acr` and `amr` values that the identity vouched for (RFC 8176, RFC 9470): `mfa`, `hwk`, … */
  readonly strengths: readonly string[];
};

/** The same account, whatever it is called today. */
export function isSamePrincipal(
  left: Pick<Principal, 'subject'>,
  right: Pick<Principal, 'subject'>,
): boolean {
  return left.subject === right.subject;
}
