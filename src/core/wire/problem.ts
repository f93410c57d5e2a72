import * as v from 'valibot';
import { failAs, type JitError } from '../errors.ts';

/** An RFC 9457 problem document: how every error travels. `code` and `hint` are jit's own members. */
export const problemMessage = v.object({
  type: v.optional(v.string()),
  title: v.optional(v.pipe(v.string(), v.maxLength(1024))),
  status: v.optional(v.number()),
  detail: v.pipe(v.string(), v.maxLength(4096)),
  code: v.pipe(v.string(), v.maxLength(64)),
  hint: v.optional(v.pipe(v.string(), v.maxLength(1024)), ''),
});

export const PROBLEM_TYPE = 'application/problem+json';

export function encodeProblem(error: JitError): v.InferInput<typeof problemMessage> {
  return {
    type: `urn:jit:error:${error.code}`,
    title: error.code.replaceAll('_', ' '),
    status: error.status,
    detail: error.message,
    code: error.code,
    hint: error.hint,
  };
}

/** The error that a server's answer describes; undefined when the answer is no problem document. */
export function decodeProblem(body: unknown): JitError | undefined {
  const parsed = v.safeParse(problemMessage, body);
  if (!parsed.success) return undefined;
  return failAs({ code: parsed.output.code, message: parsed.output.detail, hint: parsed.output.hint });
}
