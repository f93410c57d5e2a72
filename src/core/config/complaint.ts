import type * as v from 'valibot';

/** One thing that is wrong with a configuration, and where: keys from the top, list places as numbers in text. */
export type Complaint = { readonly path: readonly string[]; readonly why: string };

const WORDS: Readonly<Record<string, string>> = {
  string: 'must be text; numbers and true need quotes',
  boolean: 'must be true or false',
  array: 'must be a list',
  record: 'must be a mapping',
};

/** The complaint in one of valibot's issues. Values are never repeated: one of them may be a secret. */
export function buildComplaint(issue: v.BaseIssue<unknown>): Complaint {
  return { path: (issue.path ?? []).map((item) => String(item.key)), why: explain(issue) };
}

function explain(issue: v.BaseIssue<unknown>): string {
  if (issue.kind !== 'schema') return issue.message;
  if (issue.received === 'undefined') return 'is missing';
  if (issue.type === 'picklist' || issue.type === 'variant') return `must be one of ${listChoices(issue)}`;
  return WORDS[issue.type] ?? issue.message;
}

function listChoices(issue: v.BaseIssue<unknown>): string {
  return (issue.expected ?? '')
    .replace(/^\(|\)$/g, '')
    .replaceAll('"', '')
    .split(' | ')
    .join(', ');
}
