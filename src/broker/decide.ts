import { canonicalJson } from '../core/audit/digest.ts';
import { type Catalogue, requireScope, requireTarget, type ScopeEntry } from '../core/catalogue.ts';
import { addObligations, combineVerdicts, type Decision, NO_OBLIGATIONS } from '../core/decision.ts';
import type { Permission, PolicyAction, PolicyQuestion } from '../core/ports/policy.ts';
import type { Asked } from '../core/request.ts';
import type { Asker, Broker } from './parts.ts';

/** Asks policy about every scope alone and puts the answers together: the strictest wins, and the shortest idle time of rules and catalogue. */
export function decide(broker: Broker, asker: Asker, asked: Asked): Decision {
  const questions = asked.scopes.map((scope) => buildQuestion(broker, { asker, asked, scope }));
  const decision = combineVerdicts(
    questions.map((question) => broker.policy.decide(question)),
    {
      policyVersion: broker.policy.version,
      input: canonicalJson(questions.map((question) => broker.policy.describeInput(question))),
    },
  );
  const idle = questions.map(({ scope }) => ({ ...NO_OBLIGATIONS, idleSeconds: scope.idleSeconds ?? null }));
  return { ...decision, obligations: addObligations([decision.obligations, ...idle]) };
}

type QuestionParts = { readonly asker: Asker; readonly asked: Asked; readonly scope: string };

function buildQuestion(broker: Broker, { asker, asked, scope }: QuestionParts): PolicyQuestion {
  return {
    principal: asker.principal,
    scope: requireScope(broker.catalogue, scope),
    target: requireTarget(broker.catalogue, asked.target),
    purpose: findPurpose(asked),
    circumstances: {
      now: broker.clock.now(),
      timeZone: broker.settings.timeZone,
      durationSeconds: asked.durationSeconds,
      ip: asker.ip,
      reason: asked.reason,
      ticket: asked.ticket,
      login: asker.login,
    },
  };
}

function findPurpose(asked: Asked): PolicyQuestion['purpose'] {
  if (asked.breakGlass) return 'break_glass';
  return asked.extendsGrantId === null ? 'ask' : 'extend';
}

/** What is asked of policy about something that others did: may this person approve, revoke, read? */
export type About = {
  readonly action: PolicyAction;
  readonly scope: string;
  readonly target: string;
  /** How long the request behind the question is for; 0 where there is none. */
  readonly durationSeconds?: number;
  /** It is done already, and is to be looked at whatever became of the configuration since. */
  readonly isAfterwards?: boolean;
};

const NO: Permission = { allowed: false, rules: [], obligations: NO_OBLIGATIONS };

/**
 * A question about a scope on a target itself. A scope or target that left the configuration is nobody's to approve, and
 * still to be read, taken away and reviewed afterwards by whoever may.
 */
function askPermission(broker: Broker, asker: Asker, about: About): Permission {
  const asked: Asked = {
    scopes: [about.scope],
    target: about.target,
    durationSeconds: about.durationSeconds ?? 0,
    reason: '',
    ticket: null,
    extendsGrantId: null,
    breakGlass: false,
  };
  const isToCome = about.action === 'approve' && !about.isAfterwards;
  const catalogue = isToCome ? broker.catalogue : withGone(broker.catalogue, about);
  if (!isKnown(catalogue, about)) return NO;
  const { purpose: _, ...question } = buildQuestion(
    { ...broker, catalogue },
    { asker, asked, scope: about.scope },
  );
  return broker.policy.permits({ ...question, action: about.action });
}

/** May this person do it with all of these scopes? Each of them must be permitted, and what their rules want adds up. */
export function askPermissions(
  broker: Broker,
  asker: Asker,
  about: Omit<About, 'scope'> & { readonly scopes: readonly string[] },
): Permission {
  const { scopes, ...rest } = about;
  const answers = scopes.map((scope) => askPermission(broker, asker, { ...rest, scope }));
  return {
    allowed: answers.length > 0 && answers.every((answer) => answer.allowed),
    rules: [...new Set(answers.flatMap((answer) => answer.rules))],
    obligations: addObligations(answers.map((answer) => answer.obligations)),
  };
}

type Place = { readonly scope: string; readonly target: string };

function isKnown({ scopes, targets }: Catalogue, about: Place): boolean {
  return scopes.some(({ name }) => name === about.scope) && targets.some(({ name }) => name === about.target);
}

/** The catalogue as if it still had what the question is about, with nothing known of it but its name. */
function withGone({ scopes, targets }: Catalogue, about: Place): Catalogue {
  const scope: ScopeEntry = {
    name: about.scope,
    description: '',
    sensitivity: 'critical',
    defaultSeconds: 0,
    maxSeconds: 0,
    targets: [about.target],
  };
  const target = { name: about.target, kind: 'gone', audience: '' };
  return { scopes: [...scopes, scope], targets: [...targets, target] };
}
