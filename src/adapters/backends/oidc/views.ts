import type { OidcChoice } from '../../../core/client-config.ts';
import { NOT_REVOKED } from '../../../core/grant.ts';
import type { Submission } from '../../../core/ports/backend.ts';
import type { Instant } from '../../../core/time.ts';
import type { DecisionView, GrantView, RequestView, ScopeView } from '../../../core/view.ts';

export type Granting = {
  readonly choice: OidcChoice;
  readonly submission: Submission;
  /** What the provider gave of what was asked for, and until when. */
  readonly scopes: readonly string[];
  readonly expiresAt: Instant;
  readonly by: string;
  readonly at: Instant;
  readonly requestId: string;
  readonly grantId: string;
};

/** The request as it is once the provider said yes: it was never open here. */
export function buildRequest(granting: Granting): RequestView {
  const { choice, submission, scopes, expiresAt, at } = granting;
  const asked = { scopes: submission.scopes, durationSeconds: submission.durationSeconds };
  return {
    id: granting.requestId,
    url: choice.issuer,
    state: 'claimed',
    scopes,
    target: submission.target,
    durationSeconds: Math.round((expiresAt - at) / 1000),
    reason: submission.reason,
    ticket: submission.ticket,
    requestedBy: granting.by,
    createdAt: at,
    lapsesAt: expiresAt,
    claimBy: null,
    decision: describeDecision(choice, 'automatic', 'gave it'),
    approvals: { needed: 0, given: 0, groups: [] },
    canApprove: [],
    told: [],
    grantId: granting.grantId,
    extendsGrantId: null,
    breakGlass: false,
    originally: asked,
    escalatedAt: null,
    afterwards: null,
    digest: '',
  };
}

export function buildGrant(granting: Granting): GrantView {
  const { choice, submission, scopes, expiresAt, at } = granting;
  return {
    id: granting.grantId,
    url: choice.issuer,
    requestId: granting.requestId,
    state: 'active',
    scopes,
    target: submission.target,
    heldBy: granting.by,
    breakGlass: false,
    claimedAt: at,
    expiresAt,
    lastUsedAt: null,
    endedAt: null,
    endedBecause: null,
    revocation: NOT_REVOKED,
  };
}

/** There is no policy here to ask: what the provider will say is not known before it is asked. */
export function describeDecision(
  { issuer }: OidcChoice,
  outcome: DecisionView['outcome'],
  does: string,
): DecisionView {
  return { outcome, rule: null, reasons: [`the provider at ${issuer} ${does}`], advice: [], reviews: [] };
}

const LONGEST_SECONDS = 86_400;

/** The catalogue as the profile has it. */
export function listScopeViews({ scopes }: OidcChoice): readonly ScopeView[] {
  return scopes.map((scope) => ({
    name: scope.name,
    description: scope.description,
    sensitivity: 'medium',
    defaultSeconds: scope.usualSeconds,
    maxSeconds: Math.max(LONGEST_SECONDS, scope.usualSeconds),
    targets: scope.targets.map((name) => ({
      name,
      kind: 'token',
      outcome: 'needs_people',
      canApprove: [],
    })),
    minimumReasonLength: 0,
    needsTicket: false,
  }));
}
