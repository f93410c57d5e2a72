import type { Scope } from './scope.ts';

export type Outcome = 'automatic' | 'needs_people' | 'denied';

/** What policy asks beside its yes: of the people who approve, of the request, of the login, and of the use of the grant. */
export type Obligations = {
  /** Distinct people who must approve. */
  readonly approvals: number;
  /** Each of these groups must be represented among them. */
  readonly approverGroups: readonly string[];
  /** Called when nobody has decided for the time set in the configuration: from then on they may stand in. */
  readonly escalationGroups: readonly string[];
  readonly needsReason: boolean;
  readonly minimumReasonLength: number;
  readonly needsTicket: boolean;
  /** The login must not be older than this (RFC 9470 `max_age`); null: it does not matter. */
  readonly loginWithinSeconds: number | null;
  /** Each of these must be among the login's strengths (RFC 9470 `acr_values`). */
  readonly loginStrengths: readonly string[];
  /** What is granted ends when nobody used it for so long; null: it may be idle. */
  readonly idleSeconds: number | null;
};

export const NO_OBLIGATIONS: Obligations = {
  approvals: 0,
  approverGroups: [],
  escalationGroups: [],
  needsReason: false,
  minimumReasonLength: 0,
  needsTicket: false,
  loginWithinSeconds: null,
  loginStrengths: [],
  idleSeconds: null,
};

/** What policy said of one scope. `rules` are the `@id`s that determined it. */
export type ScopeVerdict = {
  readonly scope: Scope;
  readonly outcome: Outcome;
  readonly rules: readonly string[];
  readonly reasons: readonly string[];
  readonly advice: readonly string[];
  readonly obligations: Obligations;
};

/** The whole answer, and all that it rests on, so that it can be replayed by `jit policy replay`. */
export type Decision = {
  readonly outcome: Outcome;
  /** The rule that weighed most, for one line of text; null when no rule matched. */
  readonly rule: string | null;
  readonly reasons: readonly string[];
  readonly advice: readonly string[];
  readonly obligations: Obligations;
  readonly verdicts: readonly ScopeVerdict[];
  readonly policyVersion: string;
  /** Canonical JSON of the complete policy input. */
  readonly input: string;
};

const STRICTNESS: Readonly<Record<Outcome, number>> = { automatic: 0, needs_people: 1, denied: 2 };

/** Each scope is decided alone; the request gets the strictest outcome and every obligation. */
export function combineVerdicts(
  verdicts: readonly ScopeVerdict[],
  record: Pick<Decision, 'policyVersion' | 'input'>,
): Decision {
  const strictest = verdicts.reduce<ScopeVerdict | undefined>(
    (worst, verdict) => (!worst || STRICTNESS[verdict.outcome] > STRICTNESS[worst.outcome] ? verdict : worst),
    undefined,
  );
  const outcome = strictest?.outcome ?? 'denied';
  return {
    outcome,
    rule: strictest?.rules[0] ?? null,
    reasons: unique(
      verdicts.filter((verdict) => verdict.outcome === outcome).flatMap((verdict) => verdict.reasons),
    ),
    advice: unique(verdicts.flatMap((verdict) => verdict.advice)),
    obligations: addObligations(verdicts.map((verdict) => verdict.obligations)),
    verdicts,
    ...record,
  };
}

/** Obligations add up: the largest count, every group, every demand. */
export function addObligations(all: readonly Obligations[]): Obligations {
  return all.reduce<Obligations>(
    (sum, next) => ({
      approvals: Math.max(sum.approvals, next.approvals),
      approverGroups: unique([...sum.approverGroups, ...next.approverGroups]),
      needsReason: sum.needsReason || next.needsReason,
      minimumReasonLength: Math.max(sum.minimumReasonLength, next.minimumReasonLength),
      needsTicket: sum.needsTicket || next.needsTicket,
      escalationGroups: unique([...sum.escalationGroups, ...next.escalationGroups]),
      loginWithinSeconds: findShorter(sum.loginWithinSeconds, next.loginWithinSeconds),
      loginStrengths: unique([...sum.loginStrengths, ...next.loginStrengths]),
      idleSeconds: findShorter(sum.idleSeconds, next.idleSeconds),
    }),
    NO_OBLIGATIONS,
  );
}

function unique(items: readonly string[]): readonly string[] {
  return [...new Set(items)];
}

function findShorter(left: number | null, right: number | null): number | null {
  if (left === null) return right;
  return right === null ? left : Math.min(left, right);
}
