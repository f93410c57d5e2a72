import * as v from 'valibot';
import type { OidcChoice } from '../../../core/client-config.ts';
import type { Submission } from '../../../core/ports/backend.ts';

export type JudgedDetails =
  | { readonly ok: true; readonly actions: readonly string[]; readonly durationSeconds: number }
  | { readonly ok: false; readonly why: string };

type Asked = { readonly choice: OidcChoice; readonly submission: Submission };

const text = v.pipe(v.string(), v.maxLength(2048));
const texts = v.pipe(v.array(text), v.maxLength(64));

/** What jit wrote, as it may come back. A member that is not there says nothing; others are the provider's own. */
const detail = v.looseObject({
  type: text,
  target: v.optional(text),
  locations: v.optional(texts),
  actions: v.optional(texts),
  duration_seconds: v.optional(v.pipe(v.number(), v.finite(), v.minValue(1))),
});
const details = v.pipe(v.array(detail), v.maxLength(16));

type Detail = v.InferOutput<typeof detail>;

/** `authorization_details` of a token response: less than was asked for is taken, anything else is not. */
export function judgeDetails(answered: unknown, asked: Asked): JudgedDetails {
  const { scopes } = asked.submission;
  if (answered === undefined) return { ok: true, actions: scopes, durationSeconds: Number.POSITIVE_INFINITY };
  const parsed = v.safeParse(details, answered);
  if (!parsed.success) return { ok: false, why: 'its authorization_details are not what RFC 9396 says' };
  const why = parsed.output.map((one) => findExcess(one, asked)).find((found) => found !== undefined);
  if (why !== undefined) return { ok: false, why };
  const durations = parsed.output.map((one) => one.duration_seconds ?? Number.POSITIVE_INFINITY);
  return {
    ok: true,
    actions: scopes.filter((scope) => parsed.output.some((one) => one.actions?.includes(scope) ?? true)),
    durationSeconds: Math.min(...durations),
  };
}

function findExcess(one: Detail, { choice, submission }: Asked): string | undefined {
  if (one.type !== choice.detailsType) return `it gave more than was asked for: details of type ${one.type}`;
  if (one.target !== undefined && one.target !== submission.target)
    return `it gave ${one.target}, and ${submission.target} was asked for`;
  const { resource } = choice.targets.find(({ name }) => name === submission.target) ?? { resource: null };
  const elsewhere = one.locations?.find((location) => location !== resource);
  if (elsewhere !== undefined) return `it gave ${elsewhere}, which was not asked for`;
  const more = one.actions?.filter((action) => !submission.scopes.includes(action)) ?? [];
  return more.length === 0 ? undefined : `it gave more than was asked for: ${more.join(' ')}`;
}
