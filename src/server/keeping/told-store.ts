import type { AuditEvent, AuditEventKind } from '../../core/audit/event.ts';
import type { Notice } from '../../core/notice.ts';
import type { Log, LogField } from '../../core/ports/log.ts';
import type { Store } from '../../core/ports/store.ts';

/** What somebody who looks after the server wants to see at once. All else that happens is on record, and is for `debug`. */
const TROUBLE: ReadonlySet<AuditEventKind> = new Set([
  'grant.failed',
  'grant.revocation_failed',
  'grant.revocation_overdue',
  'credential.stray_removed',
  'session.refused',
  'people.revoked',
]);

/** The same store; what is committed through it is told, and what could not be delivered. */
export function tellOfStore(store: Store, log: Log): Store {
  return {
    ...store,
    commit: async (transition) => {
      const outcome = await store.commit(transition);
      if (outcome === 'committed') tellOfEvent(log, transition.event);
      return outcome;
    },
    recordDelivery: async (record) => {
      const outcome = await store.recordDelivery(record);
      const { notice } = record;
      const isFailure = notice.state === 'waiting' && notice.lastError !== null;
      if (outcome === 'recorded' && isFailure) tellOfNotice(log, notice);
      return outcome;
    },
  };
}

/** `request_id` is the HTTP request's: what is asked for has the name that people see, its own id. */
function tellOfEvent(log: Log, { kind, actor, requestId, grantId, detail }: AuditEvent): void {
  log({
    level: TROUBLE.has(kind) ? 'warn' : 'debug',
    event: kind,
    fields: {
      actor,
      request: requestId ?? undefined,
      grant: grantId ?? undefined,
      ...pickShort(detail, ['target', 'handle', 'because', 'attempts', 'why']),
    },
  });
}

function pickShort(
  detail: AuditEvent['detail'],
  names: readonly string[],
): Readonly<Record<string, LogField>> {
  return Object.fromEntries(names.map((name) => [name, readField(detail[name])]));
}

function readField(value: unknown): LogField {
  return typeof value === 'string' || typeof value === 'number' ? value : undefined;
}

function tellOfNotice(log: Log, { channel, kind, requestId, attempts, lastError }: Notice): void {
  log({
    level: 'warn',
    event: 'channel.failed',
    fields: { channel, notice: kind, request: requestId, attempts, why: lastError },
  });
}
