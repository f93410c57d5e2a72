import { createIds } from '../../src/adapters/ids.ts';
import { IN_MEMORY, openSqliteStore } from '../../src/adapters/store/sqlite/open.ts';
import { type Claim, createClaim } from '../../src/broker/grant/claim.ts';
import type { Asker, Broker } from '../../src/broker/parts.ts';
import { createPace } from '../../src/broker/request/pace.ts';
import { submit } from '../../src/broker/request/submit.ts';
import { runWork } from '../../src/broker/work/work.ts';
import {
  DEFAULT_ALERT_SECONDS,
  DEFAULT_BREAK_GLASS,
  DEFAULT_LIMITS,
  DEFAULT_REVIEW,
  SAMPLE_CATALOGUE,
} from '../../src/core/config/default.ts';
import { NO_OBLIGATIONS, type Obligations, type Outcome } from '../../src/core/decision.ts';
import { hasCode } from '../../src/core/errors.ts';
import type { PermissionQuestion, PolicyEngine, PolicyQuestion } from '../../src/core/ports/policy.ts';
import type { Principal } from '../../src/core/principal.ts';
import type { AccessRequest, Asked } from '../../src/core/request.ts';
import { Secret } from '../../src/core/secret.ts';
import { createFakeClock, type FakeClock } from './fakes/fake-clock.ts';
import { createScriptedConnector, type ScriptedConnector } from './fakes/scripted-connector.ts';

export const START_AT = Date.parse('2026-11-21T14:00:00Z');
const LEASE_MS = 30_000;

/** What policy says; tests change it. */
export type ScriptedPolicy = PolicyEngine & {
  outcome: Outcome;
  obligations: Obligations;
  permitted: boolean;
  /** Is there any rule at all that could let somebody? */
  isPermitPossible: boolean;
  /** Who may do which of these; `permitted` answers for everybody else. */
  may: ((question: PermissionQuestion) => boolean) | undefined;
  /** What the rules on `approve` want of a reviewer's login. */
  approveObligations: Obligations;
  readonly questions: PolicyQuestion[];
};

export type TestBroker = Broker & {
  readonly clock: FakeClock;
  readonly policy: ScriptedPolicy;
  readonly target: ScriptedConnector;
  readonly claim: Claim;
  /** Whom the directory knows; tests change it. */
  readonly people: Principal[];
  /** Accounts whose logins were ended. */
  readonly loggedOut: string[];
  /** How often the worker was told that something is due. */
  readonly woken: () => number;
  /** Asks as `dev` unless told otherwise, with a new idempotency key each time. */
  ask(changes?: Partial<Asked>, asker?: Asker): Promise<AccessRequest>;
  /** Does everything that is due, as the worker would; resolves to what was done. */
  runDue(): Promise<readonly string[]>;
};

export const dev: Asker = buildAsker('dev', ['engineers']);
export const lead: Asker = buildAsker('lead', ['engineers', 'dba']);
export const other: Asker = buildAsker('other', ['engineers', 'dba']);
/** May read and take away everything where a test's policy says so. */
export const admin: Asker = buildAsker('admin', ['admins']);
/** Somebody else whose name is the same as that of `dev`. */
export const namesake: Asker = {
  ...other,
  principal: { ...other.principal, subject: 'dev:namesake', person: 'dev:namesake', name: 'dev' },
};

export function buildAsker(name: string, groups: readonly string[] = []): Asker {
  return {
    principal: { subject: `dev:${name}`, name, kind: 'person', groups, person: `dev:${name}` },
    login: { method: 'device', at: START_AT - 60_000, strengths: [] },
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
  const people: Principal[] = [dev.principal, lead.principal, other.principal];
  const loggedOut: string[] = [];
  let woken = 0;
  let keys = 0;
  const settings = {
    url: 'http://127.0.0.1:7420',
    timeZone: 'Europe/Rome',
    pendingTtlSeconds: 3600,
    claimWindowSeconds: 900,
    review: DEFAULT_REVIEW,
    breakGlass: DEFAULT_BREAK_GLASS,
    limits: DEFAULT_LIMITS,
    alertAfterSeconds: DEFAULT_ALERT_SECONDS,
  };
  const broker: Broker = {
    store,
    policy,
    clock,
    ids: createIds(clock),
    signer: { sign: async (grant) => new Secret(`token of ${grant.id} until ${grant.expiresAt}`) },
    directory: {
      isComplete: true,
      list: async () => people,
      find: async (subject) => people.find((person) => person.subject === subject),
    },
    catalogue: { ...SAMPLE_CATALOGUE },
    connectors: new Map([['orders', target]]),
    channels: new Map(),
    logins: {
      endAll: async (subject) => {
        loggedOut.push(subject);
        return 1;
      },
    },
    settings,
    keepPace: createPace({ clock, settings }),
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
    people,
    loggedOut,
    claim: createClaim(broker),
    woken: () => woken,
    ask: async (changes, asker = dev) => {
      keys += 1;
      const order = { asker, asked: buildAsked(changes), idempotencyKey: `key-${keys}` };
      return (await submit(broker, order)).request;
    },
    runDue: () => runDue(broker),
  };
}

/** Does everything that is due, as the worker would. */
export async function runDue(broker: Broker): Promise<readonly string[]> {
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
    // Rules that say something else are other rules.
    get version() {
      return policy.outcome === 'automatic' ? 'policy-1' : `policy-1 ${policy.outcome}`;
    },
    outcome: 'automatic',
    obligations: NO_OBLIGATIONS,
    permitted: false,
    isPermitPossible: true,
    mightPermit: () => policy.isPermitPossible,
    may: undefined,
    approveObligations: NO_OBLIGATIONS,
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
    permits: (question) => ({
      allowed: policy.may?.(question) ?? (policy.permitted || isDatabaseReviewer(question)),
      rules: [],
      obligations: question.action === 'approve' ? policy.approveObligations : NO_OBLIGATIONS,
    }),
    describeInput: ({ principal, purpose }) => ({ principal: principal.subject, purpose }),
  };
  return policy;
}

function isDatabaseReviewer({ action, principal }: PermissionQuestion): boolean {
  return action === 'approve' && principal.groups.includes('dba');
}
