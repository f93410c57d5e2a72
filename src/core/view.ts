import type { Sensitivity } from './catalogue.ts';
import type { Credential } from './credential.ts';
import type { Outcome } from './decision.ts';
import type { EndCause, GrantState, Revocation } from './grant.ts';
import type { RequestState, ReviewWay } from './request.ts';
import type { Secret } from './secret.ts';
import type { Instant } from './time.ts';

/** A decision as its readers see it: the rule, the reasons, who reviewed. */
export type DecisionView = {
  readonly outcome: Outcome;
  readonly rule: string | null;
  readonly reasons: readonly string[];
  readonly advice: readonly string[];
  /** What is granted ends when nobody used it for so long. */
  readonly idleSeconds?: number;
  readonly reviews: readonly {
    readonly by: string;
    readonly outcome: 'approved' | 'denied';
    readonly reason: string | null;
    readonly at: Instant;
    readonly way: ReviewWay;
    /** What the request was after it. */
    readonly scopes: readonly string[];
    readonly durationSeconds: number;
  }[];
};

/** How far the review after break-glass is. */
export type AfterwardsView = {
  readonly dueAt: Instant;
  readonly state: 'due' | 'overdue' | 'accepted' | 'objected';
  readonly by: string | null;
  readonly reason: string | null;
  readonly at: Instant | null;
};

/** A request as its readers see it, on either side of the wire. */
export type RequestView = {
  readonly id: string;
  readonly url: string;
  readonly state: RequestState;
  readonly scopes: readonly string[];
  readonly target: string;
  readonly durationSeconds: number;
  readonly reason: string;
  readonly ticket: string | null;
  readonly requestedBy: string;
  readonly createdAt: Instant;
  readonly lapsesAt: Instant;
  readonly claimBy: Instant | null;
  readonly decision: DecisionView | null;
  /** `groups`: those of which nobody has approved yet. */
  readonly approvals: {
    readonly needed: number;
    readonly given: number;
    readonly groups: readonly string[];
  };
  readonly canApprove: readonly string[];
  readonly told: readonly string[];
  readonly grantId: string | null;
  readonly extendsGrantId: string | null;
  readonly breakGlass: boolean;
  /** As it was asked, before anybody approved less. */
  readonly originally: { readonly scopes: readonly string[]; readonly durationSeconds: number };
  readonly escalatedAt: Instant | null;
  readonly afterwards: AfterwardsView | null;
  /** One hash over all that was asked (APR-03): an approval names the one that was looked at. */
  readonly digest: string;
};

export type GrantView = {
  readonly id: string;
  readonly url: string;
  readonly requestId: string;
  readonly state: GrantState;
  readonly scopes: readonly string[];
  readonly target: string;
  readonly heldBy: string;
  /** It was granted before anybody was asked. */
  readonly breakGlass: boolean;
  readonly claimedAt: Instant;
  readonly expiresAt: Instant;
  readonly lastUsedAt: Instant | null;
  /** It ends when nobody used it for so long. */
  readonly idleSeconds?: number;
  readonly endedAt: Instant | null;
  readonly endedBecause: EndCause | null;
  /** Who took it from its holder; absent where nobody did, or an older server does not say. */
  readonly endedBy?: string;
  readonly revocation: Revocation;
};

/** What a holder must know of a token, whose text is for its service alone. */
export type TokenTerms = {
  /** The grant may go on after it: the next token is signed under the same grant. */
  readonly expiresAt: Instant;
  /** The key whose proofs it is good with (RFC 9449 §6, a thumbprint of RFC 7638); null: a bearer token. */
  readonly boundTo: string | null;
};

/** What its holder gets when a request is claimed. No credential means: the one delivered before still holds. */
export type Claimed = {
  readonly request: RequestView;
  readonly grant: GrantView;
  readonly token: Secret;
  /** Null where nobody says: then it is a bearer token that lasts as long as the grant. */
  readonly terms?: TokenTerms | null;
  readonly credential: Credential | null;
};

/** A scope as one person may ask for it now. `outcome` is policy's forecast for the default duration. */
export type ScopeView = {
  readonly name: string;
  readonly description: string;
  readonly sensitivity: Sensitivity;
  readonly defaultSeconds: number;
  readonly maxSeconds: number;
  readonly targets: readonly {
    readonly name: string;
    readonly kind: string;
    /** One connects with a certificate for each connection. Where nobody says, the kind does. */
    readonly takesCertificates?: boolean;
    readonly outcome: Outcome;
    /** Granted at once for so long at most, by the forecast; absent where that is the scope's longest, or nobody says. */
    readonly automaticSeconds?: number;
    /** Names of those who could approve, where people decide; as far as they are known. */
    readonly canApprove: readonly string[];
  }[];
  readonly minimumReasonLength: number;
  readonly needsTicket: boolean;
};

export type PersonView = {
  readonly subject: string;
  readonly name: string;
  readonly kind: 'person' | 'workload';
  readonly groups: readonly string[];
  readonly login: { readonly method: 'device' | 'browser' | 'workload'; readonly at: Instant };
};

export type StatusView = {
  readonly asOf: Instant;
  readonly requests: readonly RequestView[];
  readonly grants: readonly GrantView[];
};

/** What waits for one reviewer. `position`: follow from here on. */
export type InboxView = {
  readonly asOf: Instant;
  readonly position: number;
  /** Oldest first. */
  readonly requests: readonly RequestView[];
  /** Break-glass that somebody must look at now that it happened; the most overdue first. */
  readonly afterwards: readonly RequestView[];
};

/** All that a reviewer wants to know before deciding. */
export type DossierView = {
  readonly request: RequestView;
  /** May the reader decide, or review afterwards, now? If not, `obstacle` says why. */
  readonly mayDecide: boolean;
  readonly obstacle: string | null;
  readonly requester: {
    readonly name: string;
    readonly kind: 'person' | 'workload';
    readonly groups: readonly string[];
  };
  readonly from: { readonly ip: string; readonly method: string; readonly loggedInAt: Instant };
  /** What policy said of each scope. */
  readonly verdicts: readonly {
    readonly scope: string;
    readonly outcome: Outcome;
    readonly rules: readonly string[];
    readonly reasons: readonly string[];
  }[];
  /** What is different from what this person did before, a sentence each. */
  readonly unusual: readonly string[];
  /** What this person asked for before, newest first. */
  readonly earlier: readonly RequestView[];
  readonly grants: readonly GrantView[];
};

/** Whose grants: of one person, at one target, of one person at one target, or everybody's. */
export type Selection = {
  readonly user: string | null;
  readonly target: string | null;
};

/** What was taken away at once. */
export type RevokedView = {
  readonly grants: readonly GrantView[];
  /** Requests that could have become grants. */
  readonly cancelled: number;
  readonly sessionsEnded: number;
};
