import type { PolicyAction } from '../../core/ports/policy.ts';

/** Every action that a rule may name. */
export type Action = 'activate' | 'request' | 'extend' | 'break_glass' | PolicyAction;

export const ACTIONS: readonly Action[] = [
  'activate',
  'request',
  'extend',
  'break_glass',
  'approve',
  'revoke',
  'read',
];

/**
 * What rules are checked against when they are loaded. Nothing in it is optional: what may be missing is a record
 * with a `known` flag, so that no rule can fail on an attribute that happens not to be there (S15).
 */
export const SCHEMA = `
type Circumstances = {
  now: datetime,
  local: { weekday: Long, minutes: Long, date: String },
  duration_seconds: Long,
  ip: ipaddr,
  reason_length: Long,
  ticket: { known: Bool, id: String },
  login: { method: String, age_seconds: Long, strengths: Set<String> },
  target: String,
  sensitivity: String,
};

entity Group;
entity Environment;
entity Person, Workload in [Group] = { kind: String };
entity Scope in [Environment] = { name: String, sensitivity: String };

action activate, request, extend, break_glass, revoke, read appliesTo {
  principal: [Person, Workload],
  resource: [Scope],
  context: Circumstances,
};

action approve appliesTo {
  principal: [Person],
  resource: [Scope],
  context: Circumstances,
};
`;
