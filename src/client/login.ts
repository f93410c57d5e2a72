import { hasCode } from '../core/errors.ts';
import type { HeldGrant, KnownServer } from '../core/ports/local-state.ts';
import type { Authorization, DevicePrompt, StoredSession } from '../core/ports/session.ts';
import type { PersonView } from '../core/view.ts';
import { type GiveBackResult, giveBack } from './give-back.ts';
import { drop, listHeld } from './held.ts';
import { note } from './note.ts';
import type { ClientParts } from './parts.ts';
import { listScopes } from './status.ts';

const UNKNOWN_SERVER: KnownServer = { name: '', asOf: 0, scopes: [] };

/** What a session source does, as far as logging in and out needs it. */
export type Sessions = {
  readonly store: (session: StoredSession) => Promise<void>;
  /** Throws `login_needed` or `session_expired` where there is none that is good. */
  readonly read: () => Promise<StoredSession>;
  readonly clear: () => Promise<boolean>;
};

export type LoginParts = ClientParts & { readonly authorization: Authorization; readonly sessions: Sessions };

export type LoginOrder = {
  readonly show: (prompt: DevicePrompt) => void;
  readonly signal: AbortSignal;
};

/** Proves the keychain first (S14), so that nobody confirms a code whose session cannot be kept. */
export async function login(parts: LoginParts, order: LoginOrder): Promise<PersonView> {
  await parts.keychain.probe();
  const { hostName } = parts.processes;
  const before = await parts.sessions.read().catch(() => undefined);
  const session = await parts.authorization.deviceLogin({ ...order, hostName, purpose: 'jit login' });
  await parts.sessions.store(session);
  // What nobody has any more should not stay good; the server ends it in time if this fails.
  if (before) await parts.authorization.revoke(before).catch(() => undefined);
  const person = await parts.backend.readPerson();
  await note(parts, (state) => ({
    ...state,
    servers: {
      ...state.servers,
      [parts.server]: { ...(state.servers[parts.server] ?? UNKNOWN_SERVER), name: person.name },
    },
  }));
  // For completion and for the words about targets; whoever asks later gets it then.
  await listScopes(parts).catch(() => undefined);
  return person;
}

export type LoggedOut = GiveBackResult & {
  readonly wasLoggedIn: boolean;
  /** Held here until now, and live at the server until their time is over: there was no session to give them back with. */
  readonly left: readonly HeldGrant[];
};

/**
 * Gives back what is held here, ends the session at the server, and only then forgets it. What the server could not
 * take back stays here with the session: thrown as it was.
 */
export async function logout(parts: LoginParts): Promise<LoggedOut> {
  const session = await unlessOver(parts.sessions.read());
  const held = await listHeld(parts);
  const grantIds = session ? held.map(({ view }) => view.id) : [];
  const result = session ? await unlessOver(giveBack(parts, { grantIds, because: 'done' })) : undefined;
  const { given, failures } = result ?? { given: [], failures: [] };
  const lasting = failures.find((error) => !hasCode(error, 'not_found'));
  if (lasting) throw lasting;
  if (session) await parts.authorization.revoke(session);
  const left = result ? [] : held;
  for (const copy of left) await drop(parts, { ...copy, id: copy.view.id });
  await parts.sessions.clear();
  await note(parts, (state) => {
    const { [parts.server]: _, ...others } = state.servers;
    return { ...state, servers: others };
  });
  return { wasLoggedIn: session !== undefined, given, failures, left };
}

/** Undefined where the session is over: for leaving that is as good as having left. */
async function unlessOver<T>(action: Promise<T>): Promise<T | undefined> {
  try {
    return await action;
  } catch (error) {
    if (hasCode(error, 'login_needed', 'session_expired')) return undefined;
    throw error;
  }
}
