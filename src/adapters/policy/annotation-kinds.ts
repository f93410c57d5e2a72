import { parseFixedDuration } from '../../core/duration.ts';
import { LONGEST_STRENGTH_CHARACTERS, MOST_STRENGTHS } from '../../core/limits.ts';
import type { Action } from './schema.ts';

/** One annotation that rules may have. */
export type AnnotationKind = {
  /** Only permits for these actions may have it; undefined: any rule may. */
  readonly actions?: readonly Action[];
  /** What to write, after `write`. */
  readonly form: string;
  readonly isWellFormed: (value: string) => boolean;
};

const ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;
/** A value of `acr` or `amr` has to fit into a list parted by spaces, in a quoted string of a header (RFC 9470 §3). */
const STRENGTH = /^[\x21\x23-\x2b\x2d-\x5b\x5d-\x7e]+$/;

const FOR_PEOPLE: readonly Action[] = ['request'];
const FOR_ASKING: readonly Action[] = ['activate', 'request', 'extend', 'break_glass'];
const FOR_LOGGED_IN: readonly Action[] = [...FOR_ASKING, 'approve'];

const TEXT = { form: 'some text', isWellFormed: (value: string) => value.trim() !== '' };
const FLAG = {
  form: 'nothing in the brackets, or leave the annotation out',
  isWellFormed: (value: string) => value === '' || value === 'true',
};
const GROUPS = {
  form: 'one or more groups, as in ("dba, security")',
  isWellFormed: (value: string) => isList(value, (name) => name !== ''),
};

/** Every annotation that there is, by its name. Any other is refused when rules are loaded. */
export const ANNOTATION_KINDS: Readonly<Record<string, AnnotationKind>> = {
  id: {
    form: 'lower-case letters, digits, dots, dashes, at most 64',
    isWellFormed: (value) => ID.test(value),
  },
  description: TEXT,
  advice: TEXT,
  approvals: {
    actions: FOR_PEOPLE,
    form: 'how many people, from 1 to 20',
    isWellFormed: (value) => isCount(value, 20),
  },
  approvers: { actions: FOR_PEOPLE, ...GROUPS },
  escalates_to: { actions: FOR_PEOPLE, ...GROUPS },
  needs_reason: { actions: FOR_ASKING, ...FLAG },
  reason_length: {
    actions: FOR_ASKING,
    form: 'how many characters, from 1 to 1000',
    isWellFormed: (value) => isCount(value, 1000),
  },
  needs_ticket: { actions: FOR_ASKING, ...FLAG },
  login_within: {
    actions: FOR_LOGGED_IN,
    form: 'how long ago the login may be, as in ("15m")',
    isWellFormed: (value) => parseFixedDuration(value) !== undefined,
  },
  idle: {
    actions: FOR_ASKING,
    form: 'how long it may go unused, as in ("15m")',
    isWellFormed: (value) => parseFixedDuration(value) !== undefined,
  },
  login_strength: {
    actions: FOR_LOGGED_IN,
    form: 'one or more acr or amr values, as in ("mfa, hwk")',
    isWellFormed: (value) => splitNames(value).length <= MOST_STRENGTHS && isList(value, isStrength),
  },
};

/** The names in a list parted by commas, each once. */
export function splitNames(text: string): readonly string[] {
  return text === '' ? [] : [...new Set(text.split(',').map((name) => name.trim()))];
}

function isList(value: string, isItem: (name: string) => boolean): boolean {
  const names = splitNames(value);
  return names.length > 0 && names.every(isItem);
}

function isStrength(name: string): boolean {
  return name.length <= LONGEST_STRENGTH_CHARACTERS && STRENGTH.test(name);
}

function isCount(text: string, most: number): boolean {
  return /^[1-9]\d*$/.test(text) && Number(text) <= most;
}
