import type { Obligations } from './decision.ts';
import type { Review } from './request.ts';

/** What is still missing before a request is approved. Nothing: `people` is 0 and `groups` is empty. */
export type Missing = { readonly people: number; readonly groups: readonly string[] };

/**
 * Counts humans, not accounts: as many different ones as policy wants, at least one, and each named group among them.
 * Once it was escalated, somebody of the groups that are called then stands in for a named one.
 */
export function findMissing(
  reviews: readonly Review[],
  obligations: Pick<Obligations, 'approvals' | 'approverGroups' | 'escalationGroups'>,
  isEscalated: boolean,
): Missing {
  const approvals = reviews.filter((review) => review.outcome === 'approved');
  const people = new Set(approvals.map((review) => review.by.person)).size;
  const standIns = isEscalated ? obligations.escalationGroups : [];
  const has = (group: string): boolean =>
    approvals.some(({ by }) => by.groups.includes(group) || by.groups.some((own) => standIns.includes(own)));
  return {
    people: Math.max(0, Math.max(1, obligations.approvals) - people),
    groups: obligations.approverGroups.filter((group) => !has(group)),
  };
}

export function isComplete(missing: Missing): boolean {
  return missing.people === 0 && missing.groups.length === 0;
}

/** The groups of which a reviewer must be in one; empty where policy names none. */
export function listReviewerGroups(
  obligations: Pick<Obligations, 'approverGroups' | 'escalationGroups'>,
  isEscalated: boolean,
): readonly string[] {
  if (obligations.approverGroups.length === 0) return [];
  return isEscalated
    ? [...obligations.approverGroups, ...obligations.escalationGroups]
    : obligations.approverGroups;
}
