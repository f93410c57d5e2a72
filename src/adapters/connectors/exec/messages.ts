import * as v from 'valibot';
import type { Credential } from '../../../core/credential.ts';
import type { Handle, LiveCredential } from '../../../core/ports/connector.ts';
import type { Scope } from '../../../core/scope.ts';
import { formatInstant, type Instant } from '../../../core/time.ts';
import { credentialMessage, encodeCredential } from '../../../core/wire/claim.ts';
import { count, nullableInstant } from '../../../core/wire/fields.ts';

const VERSION = 1;

/** What the program is asked; docs/connectors.md describes each. */
export type Question = {
  readonly operation: 'issue' | 'probe' | 'extend' | 'remove' | 'list' | 'activity';
  readonly deadlineAt: Instant;
  readonly handle?: Handle;
  readonly scopes?: readonly Scope[];
  readonly expiresAt?: Instant;
  readonly credential?: Credential;
};

export type Asker = { readonly target: string; readonly installation: string };

/** One JSON document: what the program reads on stdin. Reveals. */
export function encodeQuestion(question: Question, { target, installation }: Asker): string {
  const { operation, deadlineAt, handle, scopes, expiresAt, credential } = question;
  return JSON.stringify({
    version: VERSION,
    operation,
    target,
    installation,
    deadline_at: formatInstant(deadlineAt),
    handle,
    scopes,
    expires_at: expiresAt === undefined ? undefined : formatInstant(expiresAt),
    credential: credential ? encodeCredential(credential) : undefined,
  });
}

const NOTHING = { environment: {}, secret_environment: {}, secret_files: [], removes: [] };

/** What is left out is empty; a variable that no server may set is refused here already. */
const issued = v.pipe(
  v.looseObject({}),
  v.transform((document): unknown => ({ ...NOTHING, ...document })),
  credentialMessage,
);
const done = v.looseObject({});
const removed = v.object({ sessions_ended: v.optional(count, 0) });
const listed = v.object({
  credentials: v.pipe(
    v.array(v.object({ handle: v.pipe(v.string(), v.maxLength(256)), sessions: v.optional(count, 0) })),
    v.maxLength(10_000),
  ),
});
const used = v.object({ last_used_at: nullableInstant });

/** Each throws a sentence's end, such as `"environment.PATH" is not …`, for whoever names the target. */
export const decodeIssued = (text: string): Credential => decode(issued, text);
export const decodeDone = (text: string): unknown => decode(done, text.trim() === '' ? '{}' : text);
export const decodeRemoved = (text: string): number => decode(removed, text).sessions_ended;
export const decodeListed = (text: string): readonly LiveCredential[] => decode(listed, text).credentials;
export const decodeUsed = (text: string): Instant | null => decode(used, text).last_used_at;

function decode<T>(schema: v.GenericSchema<unknown, T>, text: string): T {
  const parsed = v.safeParse(schema, parseObject(text));
  if (parsed.success) return parsed.output;
  const [{ message, path }] = parsed.issues;
  const place = path?.map(({ key }) => String(key)).join('.');
  throw new TypeError(
    `its answer is not as it should be: ${place ? `"${place}" ` : ''}${withoutReceived(message)}`,
  );
}

/** The library ends a message with what it was given, which may be a secret in the wrong place. */
function withoutReceived(message: string): string {
  return message.replace(/ but received .*$/s, '');
}

function parseObject(text: string): object {
  const document = parseJson(text);
  if (typeof document === 'object' && document !== null && !Array.isArray(document)) return document;
  throw new TypeError('its answer is not one JSON object');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
