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
  /** Of `step_up_needed` (RFC 9470 §3): the same that stands in `WWW-Authenticate`. */
  max_age: v.optional(v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0)))),
  acr_values: v.optional(v.array(v.pipe(v.string(), v.maxLength(256)))),
  /** By which the server's log knows the request. */
  request_id: v.optional(v.pipe(v.string(), v.maxLength(64))),
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
    ...(error.demand ? { max_age: error.demand.maxAgeSeconds, acr_values: [...error.demand.strengths] } : {}),
  };
}

/** The error that a server's answer describes; undefined when the answer is no problem document. */
export function decodeProblem(body: unknown): JitError | undefined {
  const parsed = v.safeParse(problemMessage, body);
  if (!parsed.success) return undefined;
  const { code, detail, hint, max_age, acr_values } = parsed.output;
  const isDemand = max_age !== undefined || acr_values !== undefined;
  const demand = isDemand ? { maxAgeSeconds: max_age ?? null, strengths: acr_values ?? [] } : undefined;
  return failAs({ code, message: detail, hint, demand });
}
