import type { AuditEvent, AuditEventKind } from './audit/event.ts';

/**
 * What goes on while the store is short of room: everything that ends something, and the record of it. What would begin
 * something waits. A grant whose making is on record is finished: its credential is at the target already.
 */
const GOES_ON: Readonly<Record<AuditEventKind, boolean>> = {
  'request.submitted': false,
  'request.approved': false,
  'request.denied': true,
  'request.cancelled': true,
  'request.lapsed': true,
  'request.reviewed': false,
  'request.review_refused': true,
  'request.reminded': false,
  'request.escalated': false,
  'request.reviewed_afterwards': false,
  'request.review_overdue': false,
  'grant.provisioning': false,
  'grant.activated': true,
  'grant.failed': true,
  'grant.redelivered': true,
  'grant.extended': false,
  'grant.certificate_signed': false,
  'grant.revoking': true,
  'grant.revocation_failed': true,
  'grant.revocation_overdue': true,
  'grant.lingers': true,
  'grant.ended': true,
  'credential.stray_removed': true,
  'credential.rotated': true,
  'session.started': true,
  'session.ended': true,
  'session.refused': true,
  'person.left': true,
  'person.linked': false,
  'people.revoked': true,
  'config.reloaded': true,
  'keys.rotated': true,
  'store.confirmed': true,
  'store.full': true,
  'store.has_room': true,
};

/** Does the transition of this event want more room than what is set aside for endings? */
export function needsRoom({ kind, detail }: Pick<AuditEvent, 'kind' | 'detail'>): boolean {
  // The token alone, signed again: nothing at a target waits for its record.
  if (kind === 'grant.redelivered' && detail.token_only === true) return true;
  return !GOES_ON[kind];
}
