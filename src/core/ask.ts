import { type Catalogue, requireScope, requireTarget, type ScopeEntry } from './catalogue.ts';
import type { Decision } from './decision.ts';
import { fail } from './errors.ts';
import { REASON_BYTES, TICKET_BYTES } from './limits.ts';
import type { Asked } from './request.ts';
import { countVisible, isTreacherous } from './text.ts';

/** Holds what was asked against the catalogue and returns its scopes' entries; the first thing wrong is thrown. */
export function requireAskable(asked: Asked, catalogue: Catalogue): readonly ScopeEntry[] {
  const entries = asked.scopes.map((scope) => requireScope(catalogue, scope));
  requireTarget(catalogue, asked.target);
  requireCovered(entries, asked);
  requirePlainText(asked);
  return entries;
}

/** One way to write it: scopes sorted and once each, reason and ticket without white space around them. */
export function normaliseAsked(asked: Asked): Asked {
  const scopes = [...new Set(asked.scopes)].sort();
  return { ...asked, scopes, reason: asked.reason.trim(), ticket: asked.ticket?.trim() || null };
}

/** The shortest maximum of the scopes: a request lasts no longer than each of them may. */
export function findMaxSeconds(entries: readonly ScopeEntry[]): number {
  return Math.min(...entries.map((entry) => entry.maxSeconds));
}

/** The shortest default of the scopes. */
export function findDefaultSeconds(entries: readonly ScopeEntry[]): number {
  return Math.min(...entries.map((entry) => entry.defaultSeconds));
}

/** What policy wants said before it will grant: thrown as a usage error, so that nobody is denied for a typo. */
export function requireObligations(asked: Asked, decision: Decision): void {
  if (decision.outcome === 'denied') return;
  const { needsTicket } = decision.obligations;
  const least = findReasonLength(decision);
  const length = countVisible(asked.reason);
  if (length < least) throw fail('bad_reason', { why: describeShort(length, least) });
  if (needsTicket && !asked.ticket) throw fail('missing_answer', { what: 'a ticket', flag: '--ticket' });
}

/** How many characters that can be seen a reason must have; 0: there need be none. */
export function findReasonLength({ obligations }: Pick<Decision, 'obligations'>): number {
  return Math.max(obligations.minimumReasonLength, obligations.needsReason ? 1 : 0);
}

/** What a reviewer says, tidied; null for nothing. Throws `bad_reason` for what others could not read as it is. */
export function requireReviewReason(reason: string | null): string | null {
  const text = reason?.trim() ?? '';
  const why = judgeText(text, REASON_BYTES);
  if (why) throw fail('bad_reason', { why });
  return text === '' ? null : text;
}

function describeShort(length: number, least: number): string {
  if (length === 0) return 'is missing';
  return `is too short: ${length} of at least ${least} characters`;
}

/** Throws `wrong_target` or `duration_too_long` where one of the scopes is not for that target, or not for so long. */
export function requireCovered(
  entries: readonly ScopeEntry[],
  asked: Pick<Asked, 'target' | 'durationSeconds'>,
): void {
  for (const entry of entries) requireCoveredBy(entry, asked);
}

function requireCoveredBy(entry: ScopeEntry, asked: Pick<Asked, 'target' | 'durationSeconds'>): void {
  if (!entry.targets.includes(asked.target)) {
    throw fail('wrong_target', { scope: entry.name, target: asked.target, targets: entry.targets });
  }
  if (asked.durationSeconds > entry.maxSeconds) {
    throw fail('duration_too_long', {
      scope: entry.name,
      maxSeconds: entry.maxSeconds,
      askedSeconds: asked.durationSeconds,
    });
  }
}

/** What reviewers read must be what was written (S12, APR-03), and no more than they can read (INP-01). */
function requirePlainText({ reason, ticket }: Asked): void {
  const whyNotReason = judgeText(reason, REASON_BYTES);
  if (whyNotReason) throw fail('bad_reason', { why: whyNotReason });
  const whyNotTicket = judgeText(ticket ?? '', TICKET_BYTES);
  if (whyNotTicket) throw fail('bad_ticket', { why: whyNotTicket });
}

function judgeText(text: string, mostBytes: number): string | undefined {
  const bytes = new TextEncoder().encode(text).length;
  if (bytes > mostBytes) return `is too long: ${bytes} bytes of at most ${mostBytes}`;
  return isTreacherous(text) ? 'has control, direction or invisible characters in it' : undefined;
}
