import { createServerBackend } from '../../../src/adapters/backends/server.ts';
import { createSystemClock } from '../../../src/adapters/clock.ts';
import { createFormBrowser } from '../../../src/adapters/form-browser.ts';
import { createAuthorization } from '../../../src/adapters/oauth/authorization.ts';
import { createHttp } from '../../../src/adapters/oauth/http.ts';
import type { ApprovalBackend } from '../../../src/core/ports/backend.ts';
import type { StoredSession } from '../../../src/core/ports/session.ts';
import { Secret } from '../../../src/core/secret.ts';

export const TEST_PIN = new Secret('314159');

/** Somebody who is logged in: the backend as the CLI uses it, and the session for what must be sent by hand. */
export type Someone = { readonly backend: ApprovalBackend; readonly session: StoredSession };

export type Person = { readonly user: string; readonly pin?: string };

/** A device login, with the code confirmed in the page. */
export function logIn(server: string, person: Person): Promise<Someone> {
  return logInWith(server, (userCode) => confirmLogin(server, userCode, person));
}

/** A device login, with the code confirmed in whatever way. */
export async function logInWith(
  server: string,
  confirmIt: (userCode: string) => Promise<void>,
): Promise<Someone> {
  const http = createHttp();
  let confirmed: Promise<void> | undefined;
  let skippedMs = 0;
  const system = createSystemClock();
  // Instead of the interval it waits for the confirmation: the first poll brings the session.
  const sleep = async (ms: number): Promise<void> => {
    await confirmed;
    skippedMs += ms;
  };
  const clock = { ...system, sleep, monotonicMs: () => system.monotonicMs() + skippedMs };
  const authorization = createAuthorization({ server, clock, http, clientId: 'jit-cli' });
  const session = await authorization.deviceLogin({
    hostName: 'laptop',
    purpose: 'tests',
    signal: new AbortController().signal,
    show: (prompt) => {
      confirmed = confirmIt(prompt.userCode);
    },
  });
  const source = { read: async () => session, renew: async () => session };
  return {
    session,
    backend: createServerBackend({ server, http, session: source, clock: createSystemClock() }),
  };
}

/** Confirms a device code in the page, as a person who types the PIN. */
export async function confirmLogin(server: string, userCode: string, person: Person): Promise<void> {
  const browser = createFormBrowser();
  const page = await browser.get(`${server}/device?user_code=${userCode}`);
  const question = await browser.submit(page, { user: person.user, pin: person.pin ?? TEST_PIN.reveal() });
  await browser.submit(question, { decision: 'approve' });
}
