import { fail } from '../../../../core/errors.ts';
import type { ShownBefore } from '../changed.tsx';

/** A decision as its form sends it. `scopes` and `durationSeconds` are null where nothing is taken away. */
export type PostedDecision =
  | {
      readonly kind: 'approve';
      readonly scopes: readonly string[] | null;
      readonly durationSeconds: number | null;
      readonly digest: string;
      readonly reason: string | null;
    }
  | { readonly kind: 'deny'; readonly reason: string };

type Field = (name: string) => string;

/** Throws `bad_message` for a form that is none of ours. */
export function readDecision(field: Field): PostedDecision {
  const decision = field('decision');
  if (decision === 'deny') return { kind: 'deny', reason: field('reason') };
  if (decision !== 'approve') throw fail('bad_message', { why: 'it is neither approved nor denied' });
  return {
    kind: 'approve',
    scopes: readKept(field),
    durationSeconds: readSeconds(field('duration')),
    digest: field('digest'),
    reason: field('reason') || null,
  };
}

/** Of break-glass, afterwards: a form that does not say so objects to nothing. Throws `bad_message`. */
export function readOutcome(field: Field): 'accepted' | 'objected' {
  const outcome = field('outcome');
  if (outcome === 'accepted' || outcome === 'objected') return outcome;
  throw fail('bad_message', { why: 'it is neither accepted nor objected to' });
}

/** What the form stood beside; undefined for one that shows nothing but the digest, in the list. */
export function readShown(field: Field): ShownBefore | undefined {
  const scopes = field('shown_scopes').split(' ').filter(Boolean);
  const durationSeconds = readSeconds(field('shown_duration'));
  return scopes.length > 0 && durationSeconds !== null ? { scopes, durationSeconds } : undefined;
}

/** The scopes that are still ticked; the list has no boxes, and keeps them all. */
function readKept(field: Field): readonly string[] | null {
  const shown = readShown(field)?.scopes;
  return shown ? shown.filter((scope) => field(`keep:${scope}`) === 'yes') : null;
}

function readSeconds(text: string): number | null {
  if (text === '') return null;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw fail('bad_message', { why: 'that is no duration' });
  return Number(text);
}
