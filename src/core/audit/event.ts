import type { Instant } from '../time.ts';

/** What happened, in the field's words. Each transition of a request or grant is exactly one of these (I4). */
export type AuditEventKind =
  | 'request.submitted'
  | 'request.approved'
  | 'request.denied'
  | 'request.cancelled'
  | 'request.lapsed'
  | 'request.reviewed'
  | 'request.review_refused'
  | 'request.reminded'
  | 'request.escalated'
  | 'request.reviewed_afterwards'
  | 'request.review_overdue'
  | 'grant.provisioning'
  | 'grant.activated'
  | 'grant.failed'
  | 'grant.redelivered'
  | 'grant.extended'
  | 'grant.certificate_signed'
  | 'grant.revoking'
  | 'grant.revocation_failed'
  | 'grant.revocation_overdue'
  | 'grant.lingers'
  | 'grant.ended'
  | 'credential.stray_removed'
  | 'credential.rotated'
  | 'session.started'
  | 'session.ended'
  | 'session.refused'
  | 'person.left'
  | 'person.linked'
  | 'people.revoked'
  | 'config.reloaded'
  | 'keys.rotated'
  | 'store.confirmed'
  | 'store.full'
  | 'store.has_room';

/** Who caused it: a person's subject, or `system` for the server's own clockwork. */
export type AuditEvent = {
  readonly id: string;
  readonly kind: AuditEventKind;
  readonly at: Instant;
  readonly actor: string;
  readonly requestId: string | null;
  readonly grantId: string | null;
  /** What a reader needs to understand it; never a secret (I5). */
  readonly detail: Readonly<Record<string, unknown>>;
};
