import type { ScopeEntry, TargetEntry } from '../catalogue.ts';
import type { Obligations, ScopeVerdict } from '../decision.ts';
import type { Login, Principal } from '../principal.ts';
import type { Instant } from '../time.ts';

/** Everything about the moment that a rule may look at. Complete on every question; what may be missing says so. */
export type Circumstances = {
  readonly now: Instant;
  readonly timeZone: string;
  readonly durationSeconds: number;
  readonly ip: string;
  readonly reason: string;
  readonly ticket: string | null;
  readonly login: Login;
};

export type PolicyQuestion = {
  readonly principal: Principal;
  readonly scope: ScopeEntry;
  readonly target: TargetEntry;
  readonly circumstances: Circumstances;
  /** `extend` additionally needs the policy's `extend`; `break_glass` needs only that. */
  readonly purpose: 'ask' | 'extend' | 'break_glass';
};

export type PolicyAction = 'approve' | 'revoke' | 'read';

export type PermissionQuestion = Omit<PolicyQuestion, 'purpose'> & { readonly action: PolicyAction };

/** `obligations` of an allowed one: what its rules want of the login. */
export type Permission = {
  readonly allowed: boolean;
  readonly rules: readonly string[];
  readonly obligations: Obligations;
};

/**
 * Decides; never acts. An error in a rule, a missing attribute or a crash MUST come out as `denied` with the
 * rule's name in `reasons` (S15): no error ever grants.
 */
export interface PolicyEngine {
  /** Changes whenever any rule changes; kept with every decision. */
  readonly version: string;
  decide(question: PolicyQuestion): ScopeVerdict;
  permits(question: PermissionQuestion): Permission;
  /** False: whoever they are and whatever the circumstances, no rule permits it. MUST be true in doubt. */
  mightPermit(action: PolicyAction, scope: ScopeEntry): boolean;
  /** The complete input of a question, as plain JSON: what is kept with the decision. */
  describeInput(question: PolicyQuestion): Readonly<Record<string, unknown>>;
}
