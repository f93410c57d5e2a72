import type { AuditEventKind } from '../../core/audit/event.ts';

/** Something that happened to a login session. None of these is a transition of a request or grant. */
export type SessionEvent = {
  readonly kind: Extract<AuditEventKind, `session.${string}`>;
  /** The person whose session it is. */
  readonly subject: string;
  /** Null where none came about. */
  readonly sessionId: string | null;
  readonly detail: Readonly<Record<string, string | number | null>>;
};

/** MUST have recorded the event when it resolves; what the event is about is not answered before (S15). */
export type RecordSessionEvent = (event: SessionEvent) => Promise<void>;
