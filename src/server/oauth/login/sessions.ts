import type { ProtocolStore } from '../../../core/ports/protocol-store.ts';
import type { RecordSessionEvent } from '../events.ts';

/** The ends of a login session that someone brings about, as opposed to those that come with time. */
export type SessionEnd = {
  readonly sessionId: string;
  readonly kind: 'session.ended' | 'session.refused';
  readonly because: string;
};

/** Login sessions of clients: a session is one of the provider's grants, with all that hangs on it. */
export interface LoginSessions {
  /** Everything of the session is gone when it resolves. A session that is gone already is success, without an event. */
  end(end: SessionEnd): Promise<void>;
}

export function createLoginSessions(options: {
  readonly protocol: ProtocolStore;
  readonly onEvent: RecordSessionEvent;
}): LoginSessions {
  const { protocol, onEvent } = options;
  return {
    async end({ sessionId, kind, because }) {
      const grant = await protocol.find('Grant', sessionId);
      await protocol.removeByGrant(sessionId);
      if (!grant) return;
      const subject = String(grant.payload.accountId ?? '');
      await onEvent({ kind, subject, sessionId, detail: { because } });
    },
  };
}
