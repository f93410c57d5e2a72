import type { Asker, Broker } from '../../../src/broker/parts.ts';
import { approve, deny } from '../../../src/broker/review/review.ts';
import { NO_OBLIGATIONS, type Obligations } from '../../../src/core/decision.ts';
import type { AccessRequest } from '../../../src/core/request.ts';
import { lead, openTestBroker, other, type TestBroker } from '../broker.ts';

/** A broker whose policy wants people, and lets members of `dba` approve. */
export async function openReviewBroker(
  obligations: Partial<Obligations> = {},
  overrides: Partial<Broker> = {},
): Promise<TestBroker> {
  const broker = await openTestBroker(overrides);
  broker.policy.outcome = 'needs_people';
  broker.policy.obligations = { ...NO_OBLIGATIONS, approvals: 1, ...obligations };
  broker.policy.may = ({ action, principal }) =>
    action === 'approve' ? principal.groups.includes('dba') : principal.groups.includes('admins');
  return broker;
}

/** Approves what the request is now, as `lead` unless told otherwise. */
export async function approveNow(
  broker: Broker,
  request: Pick<AccessRequest, 'id'>,
  { asker = lead, ...rest }: Partial<Omit<Parameters<typeof approve>[1], 'requestId'>> = {},
): Promise<AccessRequest> {
  const current = await broker.store.readRequest(request.id);
  return approve(broker, {
    asker,
    requestId: request.id,
    way: 'cli',
    reason: null,
    scopes: null,
    durationSeconds: null,
    digest: current?.digest ?? '',
    ...rest,
  });
}

export function denyNow(
  broker: Broker,
  request: Pick<AccessRequest, 'id'>,
  asker: Asker = other,
): Promise<AccessRequest> {
  return deny(broker, { asker, requestId: request.id, way: 'cli', reason: 'not now' });
}
