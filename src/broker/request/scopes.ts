import { findReasonLength } from '../../core/ask.ts';
import type { ScopeEntry } from '../../core/catalogue.ts';
import type { Decision } from '../../core/decision.ts';
import type { Asked } from '../../core/request.ts';
import type { ScopeView } from '../../core/view.ts';
import { decide } from '../decide.ts';
import type { Asker, Broker } from '../parts.ts';
import { createApproverFinder, type FindApprovers } from './approvers.ts';
import { findLongestAutomatic } from './longest-automatic.ts';

/** In a catalogue with more scopes and targets than this, only the usual duration is asked about. */
const MOST_PROBED = 200;

/**
 * The catalogue with policy's forecast for this person, now, for the default duration and a sufficient reason; where people
 * decide, with who they are.
 */
export async function listScopes(broker: Broker, asker: Asker): Promise<readonly ScopeView[]> {
  const findApprovers = await createApproverFinder(broker);
  const { scopes } = broker.catalogue;
  const isProbed = scopes.reduce((places, { targets }) => places + targets.length, 0) <= MOST_PROBED;
  const views: ScopeView[] = [];
  for (const scope of scopes) {
    views.push(viewScope(broker, { asker, scope, findApprovers, isProbed }));
    // Each is up to a dozen questions to policy: everybody else has their turn in between.
    if (isProbed) await new Promise((resolve) => setImmediate(resolve));
  }
  return views;
}

type Looking = {
  readonly asker: Asker;
  readonly scope: ScopeEntry;
  readonly findApprovers: FindApprovers;
  /** Is it also looked up to how long policy grants at once? */
  readonly isProbed: boolean;
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
    targets: forecasts.map(({ target, decision, canApprove, automaticSeconds }) => ({
      name: target,
      kind: broker.catalogue.targets.find((entry) => entry.name === target)?.kind ?? 'unknown',
      ...(broker.connectors.get(target)?.certificates ? { takesCertificates: true } : {}),
      outcome: isDeadEnd(broker, { scope, decision, canApprove }) ? 'denied' : decision.outcome,
      ...(automaticSeconds === undefined ? {} : { automaticSeconds }),
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
  readonly automaticSeconds: number | undefined;
};

function forecast(broker: Broker, looking: Looking, target: string): Forecast {
  const { asker, scope, findApprovers, isProbed } = looking;
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
  const isAutomatic = (durationSeconds: number): boolean =>
    decide(broker, asker, { ...asked, durationSeconds }).outcome === 'automatic';
  const automaticSeconds =
    isProbed && decision.outcome === 'automatic' ? findLongestAutomatic(isAutomatic, scope) : undefined;
  return { target, decision, canApprove: able.map(({ name }) => name), automaticSeconds };
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
