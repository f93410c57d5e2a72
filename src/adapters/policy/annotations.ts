import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import { listActions } from './head.ts';
import type { RuleNotes } from './rule.ts';
import type { Action } from './schema.ts';

/** A complaint about one annotation; `annotation` says where in the rule to look, null where it is missing. */
export type NoteComplaint = { readonly annotation: string | null; readonly why: string };

const ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const KNOWN = [
  'id',
  'description',
  'advice',
  'approvals',
  'approvers',
  'needs_reason',
  'reason_length',
  'needs_ticket',
];
const FOR_PEOPLE: readonly Action[] = ['request'];
const FOR_ASKING: readonly Action[] = ['activate', 'request', 'extend', 'break_glass'];
const BELONGS: Readonly<Record<string, readonly Action[]>> = {
  approvals: FOR_PEOPLE,
  approvers: FOR_PEOPLE,
  needs_reason: FOR_ASKING,
  reason_length: FOR_ASKING,
  needs_ticket: FOR_ASKING,
};

/** What a rule's annotations say, or what is wrong with them. */
export function readNotes(json: Readonly<PolicyJson>): RuleNotes | NoteComplaint {
  const notes = textsOf(json.annotations ?? {});
  const complaint = findMisplaced(json, Object.keys(notes)) ?? findMalformed(notes);
  if (complaint) return complaint;
  const reasonLength = Number(notes.reason_length ?? 0);
  return {
    id: notes.id ?? '',
    description: notes.description ?? null,
    advice: notes.advice ?? null,
    obligations: {
      approvals: Number(notes.approvals ?? 0),
      approverGroups: splitNames(notes.approvers ?? ''),
      needsReason: notes.needs_reason !== undefined || reasonLength > 0,
      minimumReasonLength: reasonLength,
      needsTicket: notes.needs_ticket !== undefined,
    },
  };
}

// Cedar gives null for an annotation without brackets, whatever its types say.
function textsOf(annotations: Readonly<Record<string, string | null>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(annotations).map(([name, value]) => [name, value ?? '']));
}

function findMisplaced(json: Readonly<PolicyJson>, names: readonly string[]): NoteComplaint | undefined {
  for (const annotation of names) {
    if (!KNOWN.includes(annotation)) {
      return { annotation, why: `there is no annotation @${annotation}; there are @${KNOWN.join(', @')}` };
    }
    const actions = BELONGS[annotation];
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

function findMalformed(notes: Readonly<Record<string, string>>): NoteComplaint | undefined {
  if (notes.id === undefined) return { annotation: null, why: 'this rule has no @id' };
  const wrong = Object.entries(notes).find(([name, value]) => !isWellFormed(name, value));
  if (!wrong) return undefined;
  const [annotation, value] = wrong;
  return { annotation, why: `@${annotation}("${value}"): write ${FORMS[annotation] ?? 'some text'}` };
}

const FORMS: Readonly<Record<string, string>> = {
  id: 'lower-case letters, digits, dots, dashes, at most 64',
  approvals: 'how many people, from 1 to 20',
  approvers: 'one or more groups, as in @approvers("dba, security")',
  needs_reason: 'nothing in the brackets, or leave the annotation out',
  reason_length: 'how many characters, from 1 to 1000',
  needs_ticket: 'nothing in the brackets, or leave the annotation out',
};

function isWellFormed(name: string, value: string): boolean {
  if (name === 'id') return ID.test(value);
  if (name === 'approvals') return isCount(value, 20);
  if (name === 'reason_length') return isCount(value, 1000);
  if (name === 'approvers')
    return splitNames(value).length > 0 && splitNames(value).every((group) => group !== '');
  if (name === 'needs_reason' || name === 'needs_ticket') return value === '' || value === 'true';
  return value.trim() !== '';
}

function isCount(text: string, most: number): boolean {
  return /^[1-9]\d*$/.test(text) && Number(text) <= most;
}

function splitNames(text: string): readonly string[] {
  return text === '' ? [] : [...new Set(text.split(',').map((name) => name.trim()))];
}
