/** Who asks or decides. `subject` is immutable and the only thing ever compared; `name` is for people. */
export type Principal = {
  readonly subject: string;
  readonly name: string;
  readonly kind: 'person' | 'workload';
  readonly groups: readonly string[];
};

/** How and when the principal logged in: policy looks at both. */
export type Login = {
  readonly method: 'device' | 'browser' | 'workload';
  readonly at: number;
};

/** The same person, whatever they are called today (S3). */
export function isSamePrincipal(
  left: Pick<Principal, 'subject'>,
  right: Pick<Principal, 'subject'>,
): boolean {
  return left.subject === right.subject;
}
