import { digestValue } from '../../core/audit/digest.ts';
import type { Catalogue, ScopeEntry } from '../../core/catalogue.ts';
import { addObligations, NO_OBLIGATIONS, type ScopeVerdict } from '../../core/decision.ts';
import { JitError } from '../../core/errors.ts';
import type {
  Permission,
  PermissionQuestion,
  PolicyAction,
  PolicyEngine,
  PolicyQuestion,
} from '../../core/ports/policy.ts';
import { explainNothing } from './advice.ts';
import { placeScope } from './cedar-call.ts';
import { environmentOf } from './environment.ts';
import { createEvaluator, type Evaluator } from './evaluator.ts';
import { listActions, matchesHead } from './head.ts';
import { buildInput } from './input.ts';
import { type Cedar, failCrashed, loadCedar } from './library.ts';
import { loadRules } from './load-rules.ts';
import type { PolicyFile, Rule } from './rule.ts';
import { SCHEMA } from './schema.ts';
import { validateRules } from './validate-rules.ts';
import { denyBroken, type Judgement, judgePurpose } from './verdict.ts';

export type CedarPolicyOptions = {
  readonly files: readonly PolicyFile[];
  readonly catalogue: Catalogue;
  /** Where a Cedar comes from, at first and after a crash. */
  readonly load?: () => Cedar;
};

/**
 * Policy as Cedar rules. Throws `config_invalid` with file and line unless every rule has its place in the schema
 * and in the catalogue. The engine is warm when this resolves.
 */
export async function openCedarPolicy(options: CedarPolicyOptions): Promise<PolicyEngine> {
  const { files, catalogue, load = loadCedar } = options;
  const scopes = catalogue.scopes.map((scope) => scope.name);
  const cedar = load();
  try {
    const rules = loadRules(cedar, files);
    validateRules(cedar, rules, catalogue);
    const evaluator = createEvaluator({ rules, scopes, load, cedar });
    return { version: digestFiles(files), ...answerWith(rules, evaluator) };
  } catch (error) {
    throw error instanceof JitError ? error : failCrashed('policies', error);
  }
}

function digestFiles(files: readonly PolicyFile[]): string {
  const texts = files.map(({ name, text }) => ({ name, text }));
  return digestValue({ schema: SCHEMA, files: texts.sort((a, b) => (a.name < b.name ? -1 : 1)) });
}

function answerWith(rules: readonly Rule[], evaluator: Evaluator): Omit<PolicyEngine, 'version'> {
  return {
    decide: (question) => ({ scope: question.scope.name, ...decide(question, rules, evaluator) }),
    permits: (question) => permit(question, evaluator),
    mightPermit: (action, scope) => rules.some((rule) => isPermitFor(rule, action, scope)),
    describeInput: (question) => ({ purpose: question.purpose, ...buildInput(question) }),
  };
}

function decide(
  question: PolicyQuestion,
  rules: readonly Rule[],
  evaluator: Evaluator,
): Omit<ScopeVerdict, 'scope'> {
  try {
    const input = buildInput(question);
    return judgePurpose(question.purpose, {
      evaluate: (action) => evaluator.evaluate(action, input),
      explainNothing: (actions) => explainNothing({ rules, actions, input }),
    });
  } catch (error) {
    return denyUnknown(error);
  }
}

function denyUnknown(error: unknown): Judgement {
  return denyBroken({ rules: [], why: error instanceof Error ? error.message : String(error) });
}

const NO: Permission = { allowed: false, rules: [], obligations: NO_OBLIGATIONS };

/** By its head alone: a condition may hold one day, for somebody. */
function isPermitFor({ json }: Rule, action: PolicyAction, { name }: ScopeEntry): boolean {
  if (json.effect !== 'permit' || !listActions(json).includes(action)) return false;
  return matchesHead(json.resource, placeScope({ name, environment: environmentOf(name) }));
}

function permit(question: PermissionQuestion, evaluator: Evaluator): Permission {
  // Whatever the rules say: a workload never approves.
  if (question.action === 'approve' && question.principal.kind !== 'person') return NO;
  try {
    const { kind, rules } = evaluator.evaluate(question.action, buildInput(question));
    const ids = rules.map((rule) => rule.id);
    if (kind !== 'allowed') return { ...NO, rules: ids };
    return {
      allowed: true,
      rules: ids,
      obligations: addObligations(rules.map((rule) => rule.obligations)),
    };
  } catch {
    return NO;
  }
}
