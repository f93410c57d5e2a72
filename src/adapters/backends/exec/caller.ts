import * as v from 'valibot';
import { fail } from '../../../core/errors.ts';
import type { Conversation, Question } from './conversation.ts';

/** One call of a method, with what its answer must be. */
export type PluginCall<T> = Pick<Question, 'method' | 'params' | 'signal'> & {
  readonly schema: v.GenericSchema<unknown, T>;
  /** Less than the usual limit, or more. */
  readonly limitMs?: number | undefined;
};

export type PluginCaller = <T>(call: PluginCall<T>) => Promise<T>;

/** Calls, and takes no answer that is not what it should be (INP-05): `bad_answer` says which part is wrong. */
export function createPluginCaller(
  conversation: Pick<Conversation, 'ask'>,
  options: { readonly label: string; readonly limitMs: number },
): PluginCaller {
  return async ({ schema, limitMs = options.limitMs, ...question }) => {
    const result = await conversation.ask({ ...question, limitMs });
    const parsed = v.safeParse(schema, result);
    if (parsed.success) return parsed.output;
    throw fail('bad_answer', {
      address: options.label,
      why: `to ${question.method}: ${describe(parsed.issues[0])}`,
    });
  };
}

/** What it says is never repeated: some of it may be a secret. */
function describe(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  if (path !== null) return `"${path}" is wrong`;
  return issue.kind === 'validation' ? issue.message : 'it is no such document';
}
