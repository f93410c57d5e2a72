import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import * as v from 'valibot';
import { fail, JitError } from '../../core/errors.ts';
import { BODY_LIMIT_BYTES } from '../../core/limits.ts';
import { encodeProblem, PROBLEM_TYPE } from '../../core/wire/problem.ts';
import { readLength } from './body-limit.ts';
import { decodeUtf8 } from './form.ts';
import { findRequest } from './request-context.ts';
import { parseStrictJson } from './strict-json.ts';

/** An error as an RFC 9457 document. What is no `JitError` says nothing of itself to the client. */
export function answerProblem(c: Context, error: unknown): Response {
  const known = error instanceof JitError ? error : fail('failed', { why: 'the server failed' }, error);
  return c.body(
    JSON.stringify({ ...encodeProblem(known), request_id: findRequest()?.id }),
    known.status as ContentfulStatusCode,
    {
      'content-type': PROBLEM_TYPE,
      ...(known.afterSeconds === undefined ? {} : { 'retry-after': String(known.afterSeconds) }),
    },
  );
}

/** The body as its schema reads it; anything else is `bad_message` or `too_large`. */
export async function readBody<S extends v.GenericSchema>(c: Context, schema: S): Promise<v.InferOutput<S>> {
  const parsed = v.safeParse(schema, parseStrictJson((await readText(c)) || '{}'));
  if (parsed.success) return parsed.output;
  throw refuseIssue(parsed.issues[0]);
}

/** The `bad_message` that says what is wrong where. It is returned, so that callers write `throw refuseIssue(…)`. */
export function refuseIssue(issue: v.BaseIssue<unknown>): JitError {
  const path = v.getDotPath(issue);
  return fail('bad_message', { why: path ? `${path}: ${issue.message}` : issue.message });
}

/** A whole number of the query; `fallback` where it is missing, `bad_message` where it is none or over `most`. */
export function readCount(
  c: Context,
  name: string,
  range: { readonly fallback: number; readonly most: number },
): number {
  const text = c.req.query(name);
  if (text === undefined) return range.fallback;
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= range.most))
    throw fail('bad_message', { why: `${name} is not a number up to ${range.most}` });
  return value;
}

async function readText(c: Context): Promise<string> {
  const bytes = await readBytes(c);
  const text = decodeUtf8(bytes);
  if (text === undefined) throw fail('bad_message', { why: 'the body is not UTF-8' });
  return text;
}

async function readBytes(c: Context): Promise<ArrayBuffer | Uint8Array> {
  const length = readLength((name) => c.req.header(name));
  if (length === undefined) return countBytes(c.req.raw.body);
  if (length > BODY_LIMIT_BYTES) throw fail('too_large', { limitBytes: BODY_LIMIT_BYTES });
  return c.req.arrayBuffer();
}

async function countBytes(body: ReadableStream<Uint8Array> | null): Promise<Uint8Array> {
  if (!body) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > BODY_LIMIT_BYTES) throw fail('too_large', { limitBytes: BODY_LIMIT_BYTES });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
