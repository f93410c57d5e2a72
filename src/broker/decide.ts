import { canonicalJson } from '../core/audit/digest.ts';
import { type Catalogue, requireScope, requireTarget, type ScopeEntry } from '../core/catalogue.ts';
import { combineVerdicts, type Decision } from '../core/decision.ts';
import type { PolicyAction, PolicyQuestion } from '../core/ports/policy.ts';
import type { Asked } from '../core/request.ts';
import type { Asker, Broker } from './parts.ts';

/** Asks policy about every scope alone and puts the answers together: the strictest wins. */
export function decide(broker: Broker, asker: Asker, asked: Asked): Decision {
  const questions = asked.scopes.map((scope) => buildQuestion(broker, { asker, asked, scope }));
  return combineVerdicts(
    questions.map((question) => broker.policy.decide(question)),
    {
      policyVersion: broker.policy.version,
      input: canonicalJson(questions.map((question) => broker.policy.describeInput(question))),
    },
  );
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

/**
 * A question about a scope on a target itself, where no request stands behind it: may this person approve, or revoke?
 * A scope or target that left the configuration is nobody's to approve, and still to be taken away by whoever may.
 */
export function isPermitted(
  broker: Broker,
  asker: Asker,
  about: { readonly action: PolicyAction; readonly scope: string; readonly target: string },
): boolean {
  const asked: Asked = {
    scopes: [about.scope],
    target: about.target,
    durationSeconds: 0,
    reason: '',
    ticket: null,
    extendsGrantId: null,
    breakGlass: false,
  };
  const catalogue = about.action === 'revoke' ? withGone(broker.catalogue, about) : broker.catalogue;
  if (!isKnown(catalogue, about)) return false;
  const { purpose: _, ...question } = buildQuestion(
    { ...broker, catalogue },
    { asker, asked, scope: about.scope },
  );
  return broker.policy.permits({ ...question, action: about.action }).allowed;
}

type About = { readonly scope: string; readonly target: string };

function isKnown({ scopes, targets }: Catalogue, about: About): boolean {
  return scopes.some(({ name }) => name === about.scope) && targets.some(({ name }) => name === about.target);
}

/** The catalogue as if it still had what the question is about, with nothing known of it but its name. */
function withGone({ scopes, targets }: Catalogue, about: About): Catalogue {
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
