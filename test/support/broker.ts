import { createIds } from '../../src/adapters/ids.ts';
import { IN_MEMORY, openSqliteStore } from '../../src/adapters/store/open-sqlite.ts';
import { type Claim, createClaim } from '../../src/broker/claim.ts';
import type { Asker, Broker } from '../../src/broker/parts.ts';
import { submit } from '../../src/broker/submit.ts';
import { runWork } from '../../src/broker/work.ts';
import { SAMPLE_CATALOGUE } from '../../src/core/config/default.ts';
import { NO_OBLIGATIONS, type Obligations, type Outcome } from '../../src/core/decision.ts';
import { hasCode } from '../../src/core/errors.ts';
import type { PolicyEngine, PolicyQuestion } from '../../src/core/ports/policy.ts';
import type { AccessRequest, Asked } from '../../src/core/request.ts';
import { Secret } from '../../src/core/secret.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { createScriptedConnector, type ScriptedConnector } from './scripted-connector.ts';

export const START_AT = Date.parse('2026-11-21T14:00:00Z');
const LEASE_MS = 30_000;

/** What policy says; tests change it. */
export type ScriptedPolicy = PolicyEngine & {
  outcome: Outcome;
  obligations: Obligations;
  permitted: boolean;
  readonly questions: PolicyQuestion[];
};

export type TestBroker = Broker & {
  readonly clock: FakeClock;
  readonly policy: ScriptedPolicy;
  readonly target: ScriptedConnector;
  readonly claim: Claim;
  /** How often the worker was told that something is due. */
  readonly woken: () => number;
  /** Asks as `dev` unless told otherwise, with a new idempotency key each time. */
  ask(changes?: Partial<Asked>, asker?: Asker): Promise<AccessRequest>;
  /** Does everything that is due, as the worker would; resolves to what was done. */
  runDue(): Promise<readonly string[]>;
};

export const dev: Asker = buildAsker('dev', ['engineers']);
export const lead: Asker = buildAsker('lead', ['engineers', 'dba']);

export function buildAsker(name: string, groups: readonly string[] = []): Asker {
  return {
    principal: { subject: `dev:${name}`, name, kind: 'person', groups },
    login: { method: 'device', at: START_AT - 60_000 },
    ip: '127.0.0.1',
  };
}

export function buildAsked(changes: Partial<Asked> = {}): Asked {
  return {
    scopes: ['prod:db.read'],
    target: 'orders',
    durationSeconds: 600,
    reason: 'INC-4211 slow checkout',
    ticket: null,
    extendsGrantId: null,
    breakGlass: false,
    ...changes,
  };
}

/** The broker over a real store in memory, with time, policy and target in the test's hands. */
export async function openTestBroker(overrides: Partial<Broker> = {}): Promise<TestBroker> {
  const clock = createFakeClock(START_AT);
  const { store } = await openSqliteStore({ path: IN_MEMORY, clock });
  const target = createScriptedConnector();
  const policy = createScriptedPolicy();
  let woken = 0;
  let keys = 0;
  const broker: Broker = {
    store,
    policy,
    clock,
    ids: createIds(clock),
    signer: { sign: async (grant) => new Secret(`token of ${grant.id} until ${grant.expiresAt}`) },
    directory: { list: async () => [dev.principal, lead.principal] },
    catalogue: SAMPLE_CATALOGUE,
    connectors: new Map([['orders', target]]),
    settings: {
      url: 'http://127.0.0.1:7420',
      timeZone: 'Europe/Rome',
      pendingTtlSeconds: 3600,
      claimWindowSeconds: 900,
    },
    wake: () => {
      woken += 1;
    },
    ...overrides,
  };
  return {
    ...broker,
    clock,
    policy,
    target,
    claim: createClaim(broker),
    woken: () => woken,
    ask: (changes, asker = dev) => {
      keys += 1;
      return submit(broker, { asker, asked: buildAsked(changes), idempotencyKey: `key-${keys}` });
    },
    runDue: () => runDue(broker),
  };
}

async function runDue(broker: Broker): Promise<readonly string[]> {
  const done: string[] = [];
  for (;;) {
    const taken = await broker.store.takeWork({ now: broker.clock.now(), leaseMs: LEASE_MS, limit: 100 });
    if (taken.length === 0) return done;
    for (const work of taken) {
      done.push(work.id);
      await runWork(broker, work).catch((error: unknown) => {
        if (!hasCode(error, 'target_failed')) throw error;
      });
    }
  }
}

function createScriptedPolicy(): ScriptedPolicy {
  const questions: PolicyQuestion[] = [];
  const policy: ScriptedPolicy = {
    version: 'policy-1',
    outcome: 'automatic',
    obligations: NO_OBLIGATIONS,
    permitted: false,
    questions,
    decide: (question) => {
      questions.push(question);
      return {
        scope: question.scope.name,
        outcome: policy.outcome,
        rules: ['scripted'],
        reasons: [`the script says ${policy.outcome}`],
        advice: [],
        obligations: policy.obligations,
      };
    },
    permits: () => ({ allowed: policy.permitted, rules: [] }),
    describeInput: ({ principal, purpose }) => ({ principal: principal.subject, purpose }),
  };
  return policy;
}
