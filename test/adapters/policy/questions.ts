import { type CedarPolicyOptions, openCedarPolicy } from '../../../src/adapters/policy/cedar.ts';
import type { Catalogue, ScopeEntry } from '../../../src/core/catalogue.ts';
import type { PolicyEngine, PolicyQuestion } from '../../../src/core/ports/policy.ts';

const orders = { defaultSeconds: 1800, maxSeconds: 14_400, targets: ['orders'] };
export const READ: ScopeEntry = {
  name: 'prod:db.read',
  description: 'Read',
  sensitivity: 'medium',
  ...orders,
};
export const WRITE: ScopeEntry = {
  name: 'prod:db.write',
  description: 'Change',
  sensitivity: 'high',
  ...orders,
};
export const API: ScopeEntry = {
  name: 'prod:api.read',
  description: 'Read by API',
  sensitivity: 'low',
  defaultSeconds: 1800,
  maxSeconds: 28_800,
  targets: ['orders-api'],
};
export const TARGET = { name: 'orders', kind: 'postgres', audience: 'https://orders.example.com' };
export const CATALOGUE: Catalogue = { scopes: [READ, WRITE, API], targets: [TARGET] };

/** A Wednesday, 11:00 in Rome. */
export const WEDNESDAY = Date.parse('2026-11-18T10:00:00Z');

export type QuestionChange = Omit<Partial<PolicyQuestion>, 'circumstances' | 'principal'> & {
  readonly groups?: readonly string[];
  readonly kind?: 'person' | 'workload';
  readonly circumstances?: Partial<PolicyQuestion['circumstances']>;
};

/** An engineer asks to read for half an hour, on a Wednesday morning, but for the change. */
export function ask(change: QuestionChange = {}): PolicyQuestion {
  const { groups = ['engineers'], kind = 'person', circumstances, ...rest } = change;
  return {
    principal: { subject: 'sub-1', name: 'dev', kind, person: 'sub-1', groups },
    scope: READ,
    target: TARGET,
    purpose: 'ask',
    ...rest,
    circumstances: {
      now: WEDNESDAY,
      timeZone: 'Europe/Rome',
      durationSeconds: 1800,
      ip: '127.0.0.1',
      reason: 'INC-4211 slow checkout',
      ticket: null,
      login: { method: 'device', at: WEDNESDAY - 60_000, strengths: [] },
      ...circumstances,
    },
  };
}

/** An engine over one file, `rules.cedar`, and the catalogue of this module. */
export function openRules(text: string, options: Partial<CedarPolicyOptions> = {}): Promise<PolicyEngine> {
  return openCedarPolicy({ files: [{ name: 'rules.cedar', text }], catalogue: CATALOGUE, ...options });
}
