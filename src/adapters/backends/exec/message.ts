import * as v from 'valibot';
import { fail, failAs, type JitError } from '../../../core/errors.ts';

/** JSON-RPC 2.0, one message a line. `code` in `data` is one of docs/errors.md. */
const refusal = v.object({
  code: v.pipe(v.number(), v.safeInteger()),
  message: v.pipe(v.string(), v.maxLength(4096)),
  data: v.optional(
    v.object({
      code: v.pipe(v.string(), v.maxLength(64)),
      hint: v.optional(v.pipe(v.string(), v.maxLength(1024)), ''),
      max_age: v.optional(v.nullable(v.pipe(v.number(), v.safeInteger(), v.minValue(0)))),
      acr_values: v.optional(v.pipe(v.array(v.pipe(v.string(), v.maxLength(256))), v.maxLength(16))),
    }),
  ),
});

const message = v.strictObject({
  jsonrpc: v.literal('2.0'),
  id: v.pipe(v.number(), v.safeInteger()),
  result: v.optional(v.unknown()),
  error: v.optional(refusal),
});

const METHOD_NOT_FOUND = -32_601;

export type Answer =
  | { readonly kind: 'result'; readonly result: unknown }
  | { readonly kind: 'refusal'; readonly error: JitError };

export type AnswerContext = {
  readonly id: number | undefined;
  readonly label: string;
  readonly method: string;
};

/** The answer to the question `id`; a sentence where the line is anything else. */
export function readAnswer(line: string, context: AnswerContext): Answer | string {
  const parsed = v.safeParse(message, parseJson(line));
  if (!parsed.success) return /"method"\s*:/.test(line) ? 'it asks, instead of answering' : 'it is no answer';
  const { id, error, ...rest } = parsed.output;
  if (context.id === undefined) return 'it answers what was not asked';
  if (id !== context.id) return 'it answers another question';
  if (error && !('result' in rest)) return { kind: 'refusal', error: readRefusal(error, context) };
  if (error || !('result' in rest)) return 'it is neither a result nor an error';
  return { kind: 'result', result: rest.result };
}

function readRefusal(
  { code, message: said, data }: v.InferOutput<typeof refusal>,
  context: AnswerContext,
): JitError {
  const { label: address, method: what } = context;
  if (code === METHOD_NOT_FOUND && !data) return fail('not_offered', { address, what });
  if (!data) return fail('failed', { why: `${address}: ${said}` });
  const { max_age, acr_values } = data;
  const isDemand = max_age !== undefined || acr_values !== undefined;
  const demand = isDemand ? { maxAgeSeconds: max_age ?? null, strengths: acr_values ?? [] } : undefined;
  return failAs({ code: data.code, message: said, hint: data.hint, demand });
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
