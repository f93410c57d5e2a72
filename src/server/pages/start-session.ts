import type { ReadAddress } from '../http/address.ts';
import type { RecordSessionEvent } from '../oauth/events.ts';
import { type CookieOptions, type PageContext, sendBrowserId } from './page-frame.ts';
import type { WebLogin } from './web-sessions.ts';

export type SessionStartOptions = CookieOptions & {
  readonly readAddress: ReadAddress;
  readonly onEvent: RecordSessionEvent;
};

/** Logs somebody in in this browser, under a new id. It is recorded before: no session is there that the log does not know. */
export async function startSession(
  c: PageContext,
  { readAddress, onEvent, ...options }: SessionStartOptions,
  login: WebLogin & { readonly previousId: string },
): Promise<string> {
  const { previousId, ...session } = login;
  const detail = {
    method: 'page',
    address: readAddress(c.env.incoming),
    strengths: session.strengths.join(' '),
  };
  await onEvent({ kind: 'session.started', subject: session.subject, sessionId: null, detail });
  const browserId = await options.webSessions.start(session, previousId);
  sendBrowserId(c, browserId, options);
  return browserId;
}
