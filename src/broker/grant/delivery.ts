import type { Credential } from '../../core/credential.ts';
import type { Grant } from '../../core/grant.ts';
import { TARGET_DEADLINE_MS } from '../../core/limits.ts';
import type { Connector, IssueOrder } from '../../core/ports/connector.ts';
import type { AccessRequest } from '../../core/request.ts';
import type { Secret } from '../../core/secret.ts';
import type { Broker } from '../parts.ts';

/** What the holder gets. No credential: the one that was delivered before still holds. */
export type Delivery = {
  readonly request: AccessRequest;
  readonly grant: Grant;
  readonly token: Secret;
  readonly credential: Credential | null;
};

export function buildIssueOrder(broker: Broker, grant: Grant, connector: Connector): IssueOrder {
  return {
    handle: grant.handle ?? connector.plan(grant.id),
    scopes: grant.scopes,
    grantVersion: grant.version,
    expiresAt: grant.expiresAt,
    deadlineAt: Math.min(broker.clock.now() + TARGET_DEADLINE_MS, grant.expiresAt),
  };
}
