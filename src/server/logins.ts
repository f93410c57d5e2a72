import type { Logins } from '../core/ports/logins.ts';
import type { ProtocolStore } from '../core/ports/protocol-store.ts';
import type { RecordSessionEvent } from './oauth/events.ts';

/** Every session of an account, of terminals and of browsers: what the provider keeps, and what the pages keep. */
export function createLogins(options: {
  readonly protocol: Pick<ProtocolStore, 'removeByAccount'>;
  readonly onEvent: RecordSessionEvent;
}): Logins {
  return {
    async endAll(subject, because) {
      const ended = await options.protocol.removeByAccount(subject);
      if (ended > 0)
        await options.onEvent({ kind: 'session.ended', subject, sessionId: null, detail: { because } });
      return ended;
    },
  };
}
