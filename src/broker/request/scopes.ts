import { findReasonLength } from '../../core/ask.ts';
import type { ScopeEntry } from '../../core/catalogue.ts';
import type { Decision } from '../../core/decision.ts';
import type { Asked } from '../../core/request.ts';
import type { ScopeView } from '../../core/view.ts';
import { decide } from '../decide.ts';
import type { Asker, Broker } from '../parts.ts';
import { createApproverFinder, type FindApprovers } from './approvers.ts';

/**
 * The catalogue with policy's forecast for this person, now, for the default duration and a sufficient reason; where people
 * decide, with who they are.
 */
export async function listScopes(broker: Broker, asker: Asker): Promise<readonly ScopeView[]> {
  const findApprovers = await createApproverFinder(broker);
  return broker.catalogue.scopes.map((scope) => viewScope(broker, { asker, scope, findApprovers }));
}

type Looking = {
  readonly asker: Asker;
  readonly scope: ScopeEntry;
  readonly findApprovers: FindApprovers;
};

function viewScope(broker: Broker, looking: Looking): ScopeView {
  const { scope } = looking;
  const forecasts = scope.targets.map((target) => forecast(broker, looking, target));
  return {
    name: scope.name,
    description: scope.description,
    sensitivity: scope.sensitivity,
    defaultSeconds: scope.defaultSeconds,
    maxSeconds: scope.maxSeconds,
    targets: forecasts.map(({ target, decision, canApprove }) => ({
      name: target,
      kind: broker.catalogue.targets.find((entry) => entry.name === target)?.kind ?? 'unknown',
      ...(broker.connectors.get(target)?.certificates ? { takesCertificates: true } : {}),
      outcome: isDeadEnd(broker, { scope, decision, canApprove }) ? 'denied' : decision.outcome,
      canApprove,
    })),
    minimumReasonLength: Math.max(0, ...forecasts.map(({ decision }) => findReasonLength(decision))),
    needsTicket: forecasts.some(({ decision }) => decision.obligations.needsTicket),
  };
}

const FORECAST_REASON = 'a reason that is long enough for any rule that looks at its length';

type Forecast = {
  readonly target: string;
  readonly decision: Decision;
  readonly canApprove: readonly string[];
};

function forecast(broker: Broker, { asker, scope, findApprovers }: Looking, target: string): Forecast {
  const asked: Asked = {
    scopes: [scope.name],
    target,
    durationSeconds: scope.defaultSeconds,
    reason: FORECAST_REASON,
    ticket: null,
    extendsGrantId: null,
    breakGlass: false,
  };
  const decision = decide(broker, asker, asked);
  const request = {
    ...asked,
    id: 'req_forecast',
    requestedBy: asker.principal,
    decision,
    escalatedAt: null,
  } as const;
  const able = decision.outcome === 'needs_people' ? findApprovers(request) : [];
  return { target, decision, canApprove: able.map(({ name }) => name) };
}

/** Asked for, it would be refused at once: there is nobody, or no rule, to approve it. */
function isDeadEnd(
  broker: Broker,
  { scope, decision, canApprove }: Pick<Forecast, 'decision' | 'canApprove'> & { readonly scope: ScopeEntry },
): boolean {
  if (decision.outcome !== 'needs_people') return false;
  if (!broker.policy.mightPermit('approve', scope)) return true;
  const mayEscalate = decision.obligations.escalationGroups.length > 0;
  return broker.directory.isComplete && canApprove.length === 0 && !mayEscalate;
}
