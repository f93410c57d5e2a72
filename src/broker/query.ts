import type { Decision } from '../core/decision.ts';
import { fail } from '../core/errors.ts';
import { findRequestDeadline } from '../core/request.ts';
import type { GrantView, RequestView, ScopeView, StatusView } from '../core/view.ts';
import { decide } from './decide.ts';
import type { Asker, Broker } from './parts.ts';
import { requireOwnRequest } from './requests.ts';
import { viewGrant, viewRequest } from './view.ts';

const MOST_SHOWN = 200;

/** What is open for one person: requests that wait for something, grants that are live or not yet confirmed gone. */
export async function readStatus(broker: Broker, asker: Asker): Promise<StatusView> {
  const { subject } = asker.principal;
  const [requests, grants] = await Promise.all([
    broker.store.listRequests({ requestedBy: subject, states: ['pending', 'approved'], limit: MOST_SHOWN }),
    broker.store.listGrants({
      heldBy: subject,
      states: ['provisioning', 'active', 'revoking'],
      limit: MOST_SHOWN,
    }),
  ]);
  const now = broker.clock.now();
  const open = requests.filter((request) => (findRequestDeadline(request) ?? now) > now);
  return {
    asOf: now,
    requests: await Promise.all(open.map((request) => viewRequest(broker, request))),
    grants: grants.map((grant) => viewGrant(broker, grant)),
  };
}

/** What one person asked for and held, newest first. */
export async function listHistory(broker: Broker, asker: Asker, limit: number): Promise<StatusView> {
  const { subject } = asker.principal;
  const most = Math.min(limit, MOST_SHOWN);
  const [requests, grants] = await Promise.all([
    broker.store.listRequests({ requestedBy: subject, limit: most }),
    broker.store.listGrants({ heldBy: subject, limit: most }),
  ]);
  return {
    asOf: broker.clock.now(),
    requests: await Promise.all(requests.map((request) => viewRequest(broker, request))),
    grants: grants.map((grant) => viewGrant(broker, grant)),
  };
}

export async function readRequest(broker: Broker, asker: Asker, id: string): Promise<RequestView> {
  return viewRequest(broker, await requireOwnRequest(broker, asker, id));
}

export async function readGrant(broker: Broker, asker: Asker, id: string): Promise<GrantView> {
  const grant = await broker.store.readGrant(id);
  if (grant?.heldBy.subject !== asker.principal.subject) throw fail('not_found', { what: `grant ${id}` });
  return viewGrant(broker, grant);
}

/** The catalogue with policy's forecast for this person, now, for the default duration and a sufficient reason. */
export function listScopes(broker: Broker, asker: Asker): readonly ScopeView[] {
  return broker.catalogue.scopes.map((scope) => {
    const forecasts = scope.targets.map((target) => ({
      target,
      decision: forecast(broker, asker, { scope, target }),
    }));
    return {
      name: scope.name,
      description: scope.description,
      sensitivity: scope.sensitivity,
      defaultSeconds: scope.defaultSeconds,
      maxSeconds: scope.maxSeconds,
      targets: forecasts.map(({ target, decision }) => ({
        name: target,
        kind: broker.catalogue.targets.find((entry) => entry.name === target)?.kind ?? 'unknown',
        outcome: decision.outcome,
      })),
      minimumReasonLength: Math.max(0, ...forecasts.map(({ decision }) => findReasonLength(decision))),
      needsTicket: forecasts.some(({ decision }) => decision.obligations.needsTicket),
    };
  });
}

const FORECAST_REASON = 'a reason that is long enough for any rule that looks at its length';

type Forecast = {
  readonly scope: { readonly name: string; readonly defaultSeconds: number };
  readonly target: string;
};

function forecast(broker: Broker, asker: Asker, { scope, target }: Forecast): Decision {
  return decide(broker, asker, {
    scopes: [scope.name],
    target,
    durationSeconds: scope.defaultSeconds,
    reason: FORECAST_REASON,
    ticket: null,
    extendsGrantId: null,
    breakGlass: false,
  });
}

function findReasonLength(decision: Decision): number {
  const { needsReason, minimumReasonLength } = decision.obligations;
  return Math.max(minimumReasonLength, needsReason ? 1 : 0);
}
