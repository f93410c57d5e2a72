import type * as v from 'valibot';
import { takeAnswer } from '../../../core/wire/take-answer.ts';
import type { Conversation, Question } from './conversation.ts';

/** One call of a method, with what its answer must be. */
export type PluginCall<T> = Pick<Question, 'method' | 'params' | 'signal'> & {
  readonly schema: v.GenericSchema<unknown, T>;
  /** Less than the usual limit, or more. */
  readonly limitMs?: number | undefined;
};

export type PluginCaller = <T>(call: PluginCall<T>) => Promise<T>;

/** Calls, and takes no answer that is not what it should be (INP-05). */
export function createPluginCaller(
  conversation: Pick<Conversation, 'ask'>,
  options: { readonly label: string; readonly limitMs: number },
): PluginCaller {
  return async ({ schema, limitMs = options.limitMs, ...question }) => {
    const result = await conversation.ask({ ...question, limitMs });
    return takeAnswer(result, { schema, address: options.label, method: question.method });
  };
}
