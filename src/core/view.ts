import type { Sensitivity } from './catalogue.ts';
import type { Credential } from './credential.ts';
import type { Outcome } from './decision.ts';
import type { EndCause, GrantState, Revocation } from './grant.ts';
import type { RequestState } from './request.ts';
import type { Secret } from './secret.ts';
import type { Instant } from './time.ts';

/** A decision as its readers see it: the rule, the reasons, who reviewed. */
export type DecisionView = {
  readonly outcome: Outcome;
  readonly rule: string | null;
  readonly reasons: readonly string[];
  readonly advice: readonly string[];
  readonly reviews: readonly {
    readonly by: string;
    readonly outcome: 'approved' | 'denied';
    readonly reason: string | null;
    readonly at: Instant;
  }[];
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
  readonly approvals: { readonly needed: number; readonly given: number };
  readonly canApprove: readonly string[];
  readonly told: readonly string[];
  readonly grantId: string | null;
  readonly extendsGrantId: string | null;
  readonly breakGlass: boolean;
};

export type GrantView = {
  readonly id: string;
  readonly url: string;
  readonly requestId: string;
  readonly state: GrantState;
  readonly scopes: readonly string[];
  readonly target: string;
  readonly heldBy: string;
  readonly claimedAt: Instant;
  readonly expiresAt: Instant;
  readonly lastUsedAt: Instant | null;
  readonly endedAt: Instant | null;
  readonly endedBecause: EndCause | null;
  readonly revocation: Revocation;
};

/** What its holder gets when a request is claimed. No credential means: the one delivered before still holds. */
export type Claimed = {
  readonly request: RequestView;
  readonly grant: GrantView;
  readonly token: Secret;
  readonly credential: Credential | null;
};

/** A scope as one person may ask for it now. `outcome` is policy's forecast for the default duration. */
export type ScopeView = {
  readonly name: string;
  readonly description: string;
  readonly sensitivity: Sensitivity;
  readonly defaultSeconds: number;
  readonly maxSeconds: number;
  readonly targets: readonly { readonly name: string; readonly kind: string; readonly outcome: Outcome }[];
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
