import type { DecisionView, DossierView, InboxView, RequestView } from '../../../src/core/view.ts';
import { buildRequestView, MINUTE_MS } from './fake-backend.ts';

const AT = buildRequestView().createdAt;

type ReviewView = DecisionView['reviews'][number];

/** Waits for people. */
export function buildPendingView(parts: Partial<RequestView> = {}): RequestView {
  return buildRequestView({
    state: 'pending',
    grantId: null,
    scopes: ['prod:db.write'],
    durationSeconds: 900,
    originally: { scopes: ['prod:db.write'], durationSeconds: 900 },
    decision: {
      outcome: 'needs_people',
      rule: 'writes-need-a-dba',
      reasons: ['changing production data needs a dba'],
      advice: [],
      reviews: [],
    },
    approvals: { needed: 1, given: 0, groups: ['dba'] },
    canApprove: ['dba-lead'],
    ...parts,
  });
}

export function buildReview(parts: Partial<ReviewView> = {}): ReviewView {
  return {
    by: 'dba-lead',
    outcome: 'approved',
    reason: null,
    at: AT,
    way: 'cli',
    scopes: ['prod:db.write'],
    durationSeconds: 900,
    ...parts,
  };
}

/** The same request after these reviews. */
export function withReviews(view: RequestView, reviews: readonly ReviewView[]): RequestView {
  const given = reviews.filter((review) => review.outcome === 'approved').length;
  return {
    ...view,
    approvals: { ...view.approvals, given },
    decision: view.decision && { ...view.decision, reviews },
  };
}

export function buildInbox(parts: Partial<InboxView> = {}): InboxView {
  return { asOf: AT, position: 7, requests: [], afterwards: [], ...parts };
}

export function buildDossier(parts: Partial<DossierView> = {}): DossierView {
  return {
    request: buildPendingView(),
    mayDecide: true,
    obstacle: null,
    requester: { name: 'dev', kind: 'person', groups: ['engineers'] },
    from: { ip: '10.0.0.7', method: 'device', loggedInAt: AT - 5 * MINUTE_MS },
    verdicts: [
      {
        scope: 'prod:db.write',
        outcome: 'needs_people',
        rules: ['writes-need-a-dba'],
        reasons: ['changing production data needs a dba'],
      },
    ],
    unusual: [],
    earlier: [],
    grants: [],
    ...parts,
  };
}
