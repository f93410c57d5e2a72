import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import { parseFixedDuration } from '../../core/duration.ts';
import { ANNOTATION_KINDS, type AnnotationKind, splitNames } from './annotation-kinds.ts';
import { listActions } from './head.ts';
import type { RuleNotes } from './rule.ts';

/** A complaint about one annotation; `annotation` says where in the rule to look, null where it is missing. */
export type NoteComplaint = { readonly annotation: string | null; readonly why: string };

type Notes = Readonly<Record<string, string>>;

/** What a rule's annotations say, or what is wrong with them. */
export function readNotes(json: Readonly<PolicyJson>): RuleNotes | NoteComplaint {
  const notes = textsOf(json.annotations ?? {});
  const complaint = findMisplaced(json, Object.keys(notes)) ?? findMalformed(notes);
  if (complaint) return complaint;
  return {
    id: notes.id ?? '',
    description: notes.description ?? null,
    advice: notes.advice ?? null,
    obligations: readObligations(notes),
  };
}

function readObligations(notes: Notes): RuleNotes['obligations'] {
  const reasonLength = Number(notes.reason_length ?? 0);
  return {
    approvals: Number(notes.approvals ?? 0),
    approverGroups: splitNames(notes.approvers ?? ''),
    escalationGroups: splitNames(notes.escalates_to ?? ''),
    needsReason: notes.needs_reason !== undefined || reasonLength > 0,
    minimumReasonLength: reasonLength,
    needsTicket: notes.needs_ticket !== undefined,
    loginWithinSeconds: parseFixedDuration(notes.login_within ?? '') ?? null,
    loginStrengths: splitNames(notes.login_strength ?? ''),
    idleSeconds: parseFixedDuration(notes.idle ?? '') ?? null,
  };
}

// Cedar gives null for an annotation without brackets, whatever its types say.
function textsOf(annotations: Readonly<Record<string, string | null>>): Notes {
  return Object.fromEntries(Object.entries(annotations).map(([name, value]) => [name, value ?? '']));
}

function findKind(annotation: string): AnnotationKind | undefined {
  return Object.hasOwn(ANNOTATION_KINDS, annotation) ? ANNOTATION_KINDS[annotation] : undefined;
}

function findMisplaced(json: Readonly<PolicyJson>, names: readonly string[]): NoteComplaint | undefined {
  for (const annotation of names) {
    const kind = findKind(annotation);
    if (!kind) {
      const known = Object.keys(ANNOTATION_KINDS).join(', @');
      return { annotation, why: `there is no annotation @${annotation}; there are @${known}` };
    }
    const { actions } = kind;
    if (!actions) continue;
    if (json.effect === 'forbid') return { annotation, why: `@${annotation} means nothing on a forbid` };
    // An activation with @approvals would be granted at once all the same: refused rather than misread.
    if (!listActions(json).every((action) => actions.includes(action))) {
      return {
        annotation,
        why: `@${annotation} belongs on rules for ${actions.join(', ')} and no other action`,
      };
    }
  }
  return undefined;
}

function findMalformed(notes: Notes): NoteComplaint | undefined {
  if (notes.id === undefined) return { annotation: null, why: 'this rule has no @id' };
  const wrong = Object.entries(notes).find(([name, value]) => !findKind(name)?.isWellFormed(value));
  if (!wrong) return undefined;
  const [annotation, value] = wrong;
  return { annotation, why: `@${annotation}("${value}"): write ${findKind(annotation)?.form ?? 'less'}` };
}
