import { canonicalJson } from '../core/audit/digest.ts';
import { requireScope, requireTarget } from '../core/catalogue.ts';
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

/** A question about a scope on a target itself, where no request stands behind it: may this person approve, or revoke? */
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
  const { purpose: _, ...question } = buildQuestion(broker, { asker, asked, scope: about.scope });
  return broker.policy.permits({ ...question, action: about.action }).allowed;
}
