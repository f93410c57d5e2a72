import * as v from 'valibot';
import { fail } from '../errors.ts';

export type AnswerTo<T> = {
  readonly schema: v.GenericSchema<unknown, T>;
  /** For people: who answered. */
  readonly address: string;
  /** What was asked, as programs call it. */
  readonly method: string;
};

/** The message in what a plugin answered; `bad_answer` says which part is wrong (INP-05). */
export function takeAnswer<T>(answer: unknown, { schema, address, method }: AnswerTo<T>): T {
  const parsed = v.safeParse(schema, answer);
  if (parsed.success) return parsed.output;
  throw fail('bad_answer', { address, why: `to ${method}: ${describe(parsed.issues[0])}` });
}

/** What it says is never repeated: some of it may be a secret. */
function describe(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  if (path !== null) return `"${path}" is wrong`;
  return issue.kind === 'validation' ? issue.message : 'it is no such document';
}
