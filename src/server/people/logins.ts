import type { Logins } from '../../core/ports/logins.ts';
import type { PeopleStore } from '../../core/ports/people-store.ts';
import type { ProtocolStore } from '../../core/ports/protocol-store.ts';
import type { RecordSessionEvent } from '../oauth/events.ts';

/** What is one login each, at a terminal and in a browser; tokens and codes hang on them. */
const LOGINS: readonly string[] = ['Grant', 'JitWebSession'];

/**
 * Every session of an account, of terminals and of browsers: what the provider keeps, and what the pages keep; and its
 * accounts in chats, which act for it without another login.
 */
export function createLogins(options: {
  readonly protocol: Pick<ProtocolStore, 'removeByAccount'>;
  readonly people: Pick<PeopleStore, 'unlink'>;
  readonly onEvent: RecordSessionEvent;
}): Logins {
  return {
    async endAll(subject, because) {
      const removed = await options.protocol.removeByAccount(subject);
      const sessions = removed.filter((kind) => LOGINS.includes(kind)).length;
      const ended = sessions + (await options.people.unlink(subject));
      if (ended > 0)
        await options.onEvent({ kind: 'session.ended', subject, sessionId: null, detail: { because } });
      return ended;
    },
  };
}
