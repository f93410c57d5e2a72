import type { ScopeEntry } from '../../core/catalogue.ts';
import { fail } from '../../core/errors.ts';
import type { Circumstances, PermissionQuestion } from '../../core/ports/policy.ts';
import type { Principal } from '../../core/principal.ts';
import { countVisible } from '../../core/text.ts';
import { buildLocalTime, SECOND_MS } from '../../core/time.ts';
import { normaliseAddress } from './address.ts';
import { environmentOf } from './environment.ts';

/** All that a rule can look at, as plain JSON: it is kept with the decision and enough to decide again. */
export type PolicyInput = {
  readonly principal: Pick<Principal, 'subject' | 'kind' | 'groups'>;
  readonly scope: { readonly name: string; readonly environment: string; readonly sensitivity: string };
  readonly context: {
    readonly now: string;
    readonly local: { readonly weekday: number; readonly minutes: number; readonly date: string };
    readonly duration_seconds: number;
    readonly ip: string;
    readonly reason_length: number;
    readonly ticket: { readonly known: boolean; readonly id: string };
    readonly login: {
      readonly method: string;
      readonly age_seconds: number;
      readonly strengths: readonly string[];
    };
    readonly target: string;
    readonly sensitivity: string;
  };
};

/** Throws for circumstances that cannot be: no address, no such time zone, no number. */
export function buildInput(question: Omit<PermissionQuestion, 'action'>): PolicyInput {
  const { principal, scope, target, circumstances } = question;
  const { subject, kind, groups } = principal;
  return {
    principal: { subject, kind, groups: [...groups].sort() },
    scope: { name: scope.name, environment: environmentOf(scope.name), sensitivity: scope.sensitivity },
    context: { ...buildContext(circumstances, scope), target: target.name },
  };
}

function buildContext(
  circumstances: Circumstances,
  scope: ScopeEntry,
): Omit<PolicyInput['context'], 'target'> {
  const { now, timeZone, ticket, login } = circumstances;
  const id = ticket?.trim() ?? '';
  return {
    now: new Date(now).toISOString(),
    local: buildLocalTime(now, timeZone),
    duration_seconds: requireWhole(circumstances.durationSeconds),
    ip: normaliseAddress(circumstances.ip),
    reason_length: countVisible(circumstances.reason),
    ticket: { known: id !== '', id },
    login: {
      method: login.method,
      age_seconds: requireWhole(Math.max(0, Math.floor((now - login.at) / SECOND_MS))),
      strengths: [...login.strengths].sort(),
    },
    sensitivity: scope.sensitivity,
  };
}

function requireWhole(seconds: number): number {
  if (!Number.isSafeInteger(seconds)) throw fail('failed', { why: `${seconds} is not a number of seconds` });
  return seconds;
}
