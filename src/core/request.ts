import type { Decision } from './decision.ts';
import type { Login, Principal } from './principal.ts';
import type { Scope } from './scope.ts';
import type { Instant } from './time.ts';

export type RequestId = `req_${string}`;

export const REQUEST_STATES = ['pending', 'approved', 'claimed', 'denied', 'cancelled', 'lapsed'] as const;
export type RequestState = (typeof REQUEST_STATES)[number];

/** It can still become a grant. */
export const OPEN_REQUEST_STATES = ['pending', 'approved'] as const satisfies readonly RequestState[];

/** Which state may follow which. The store refuses everything else. */
export const REQUEST_TRANSITIONS: Readonly<Record<RequestState, readonly RequestState[]>> = {
  pending: ['approved', 'denied', 'cancelled', 'lapsed'],
  approved: ['claimed', 'cancelled', 'lapsed'],
  claimed: [],
  denied: [],
  cancelled: [],
  lapsed: [],
};

/** What a person asks for; everything in it is covered by `digest` (APR-03). */
export type Asked = {
  readonly scopes: readonly Scope[];
  readonly target: string;
  readonly durationSeconds: number;
  readonly reason: string;
  readonly ticket: string | null;
  /** The grant that is to last longer, where this asks for more time. */
  readonly extendsGrantId: string | null;
  readonly breakGlass: boolean;
};

/** How much is given: what approvers may make smaller, and never larger (APR-05). */
export type Breadth = { readonly scopes: readonly Scope[]; readonly durationSeconds: number };

export const REVIEW_WAYS = ['cli', 'page', 'slack'] as const;
/** Where a reviewer decided. */
export type ReviewWay = (typeof REVIEW_WAYS)[number];

export type Reviewer = {
  readonly subject: string;
  readonly name: string;
  readonly person: string;
  /** As they were at that moment: a quorum is counted by them. */
  readonly groups: readonly string[];
};

export type Review = {
  readonly by: Reviewer;
  readonly outcome: 'approved' | 'denied';
  readonly reason: string | null;
  /** What the request was after this review: the same as before it, or less. */
  readonly breadth: Breadth;
  readonly way: ReviewWay;
  readonly at: Instant;
};

/** What someone else than the requester says of break-glass when it is over. */
export type LaterReview = {
  readonly by: Reviewer;
  readonly outcome: 'accepted' | 'objected';
  readonly reason: string;
  readonly way: ReviewWay;
  readonly at: Instant;
};

/** Break-glass is looked at afterwards: by then, by somebody else. */
export type Afterwards = { readonly dueAt: Instant; readonly review: LaterReview | null };

/** From where it was asked, as the server saw it: policy is asked with this again when people approve (APR-04). */
export type Origin = { readonly ip: string; readonly login: Login };

/** A person asks for scopes on a target. `version` grows by one with every transition (S1). */
export type AccessRequest = Asked & {
  readonly id: RequestId;
  readonly state: RequestState;
  readonly version: number;
  readonly requestedBy: Principal;
  readonly origin: Origin;
  /** As it was asked, before anybody approved less. */
  readonly originally: Breadth;
  readonly digest: string;
  readonly createdAt: Instant;
  /** Undecided, it lapses at this instant. */
  readonly lapsesAt: Instant;
  /** Approved, it lapses unless it is claimed by then. Null until approved. */
  readonly claimBy: Instant | null;
  readonly decision: Decision | null;
  readonly reviews: readonly Review[];
  /** When nobody had decided for so long that others were called; null before. */
  readonly escalatedAt: Instant | null;
  /** Null unless it was break-glass. */
  readonly afterwards: Afterwards | null;
  readonly grantId: string | null;
};

/** Was it anybody's to decide or to review, at any time? Policy may have been asked again since, and say that it needs nobody. */
export function concernsPeople({
  decision,
  reviews,
  afterwards,
}: Pick<AccessRequest, 'decision' | 'reviews' | 'afterwards'>): boolean {
  return decision?.outcome === 'needs_people' || reviews.length > 0 || afterwards !== null;
}

export function canMoveRequest(from: RequestState, to: RequestState): boolean {
  return REQUEST_TRANSITIONS[from].includes(to);
}

/** True when nothing will happen to the request any more. */
export function isRequestSettled(state: RequestState): boolean {
  return REQUEST_TRANSITIONS[state].length === 0;
}

/** The instant at which the request lapses if nobody acts; null once it is settled. */
export function findRequestDeadline(request: AccessRequest): Instant | null {
  if (request.state === 'pending') return request.lapsesAt;
  return request.state === 'approved' ? request.claimBy : null;
}
