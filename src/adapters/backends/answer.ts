import * as v from 'valibot';
import { fail, type JitError } from '../../core/errors.ts';
import type { HttpAnswer } from '../../core/ports/http.ts';
import { decodeProblem } from '../../core/wire/problem.ts';

const JSON_TYPE = /^application\/(problem\+)?json\s*(;|$)/i;
/** A proxy's way of saying that nobody is behind it just now. */
const AWAY: readonly number[] = [502, 503, 504];

type Schema<T> = v.GenericSchema<unknown, T>;

/** The message in an answer; `bad_answer` unless it is JSON, whole and as the schema says (INP-04). */
export function decodeAnswer<T>(
  answer: HttpAnswer,
  context: { readonly schema: Schema<T>; readonly address: string },
): T {
  const { schema, address } = context;
  if (answer.status !== 200 && answer.status !== 201) throw decodeRefusal(answer, address);
  const parsed = v.safeParse(schema, parseBody(answer, address));
  if (parsed.success) return parsed.output;
  const path = v.getDotPath(parsed.issues[0]);
  throw fail('bad_answer', { address, why: path === null ? 'it is no such document' : `"${path}" is wrong` });
}

/** The error in an answer: what the server said, `unreachable` from a proxy, `bad_answer` from anything else. */
export function decodeRefusal(answer: HttpAnswer, address: string): JitError {
  const problem = isJson(answer) ? decodeProblem(parseOrUndefined(answer.body)) : undefined;
  if (problem) return problem;
  const why = `HTTP ${answer.status}`;
  if (AWAY.includes(answer.status)) return fail('unreachable', { address, why });
  return fail('bad_answer', { address, why: `${why} without an explanation` });
}

/** Why asking again makes sense: nobody is there, or not all of it. Undefined where the server itself said yes or no. */
export function findAbsence(answer: HttpAnswer, address: string): string | undefined {
  if (!AWAY.includes(answer.status)) return undefined;
  const refusal = decodeRefusal(answer, address);
  if (refusal.code === 'unreachable') return `HTTP ${answer.status}`;
  return refusal.code === 'store_unreachable' ? refusal.message : undefined;
}

function parseBody(answer: HttpAnswer, address: string): unknown {
  if (!isJson(answer)) throw fail('bad_answer', { address, why: 'it is not JSON' });
  try {
    return JSON.parse(answer.body);
  } catch {
    // No cause: the parser quotes what it read, and that may be a token.
    throw fail('bad_answer', { address, why: 'it is JSON cut short or broken' });
  }
}

function parseOrUndefined(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function isJson(answer: HttpAnswer): boolean {
  return JSON_TYPE.test(answer.headers['content-type'] ?? '');
}
