import { fail, hasCode } from '../core/errors.ts';
import type { HeldGrant, KnownServer } from '../core/ports/local-state.ts';
import type {
  Authorization,
  BrowserPrompt,
  DevicePrompt,
  LoginWay,
  SignProof,
  StoredSession,
} from '../core/ports/session.ts';
import type { LoginDemand } from '../core/step-up.ts';
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
  /** What is kept, good or not; undefined where there is nothing that can be read. */
  readonly peek: () => Promise<StoredSession | undefined>;
  readonly clear: () => Promise<boolean>;
};

export type LoginParts = ClientParts & {
  readonly authorization: Authorization;
  readonly sessions: Sessions;
  readonly signProof: SignProof;
};

/** What a person is shown, who is to say yes elsewhere. */
export type LoginPrompt =
  | ({ readonly kind: 'device' } & DevicePrompt)
  | ({ readonly kind: 'browser' } & BrowserPrompt);

export type LoginOrder = {
  /** Null: as the session came about that is there now; with a device code where there is none. */
  readonly way: LoginWay | null;
  /** What the server asked for (RFC 9470), where that is why somebody logs in again. */
  readonly demand?: LoginDemand | undefined;
  readonly show: (prompt: LoginPrompt) => void;
  readonly signal: AbortSignal;
};

/**
 * Proves the keychain first (S14), so that nobody confirms a code whose session cannot be kept. `another_person` where a
 * demand was met by somebody else than began: what they began must not go on in another name.
 */
export async function login(parts: LoginParts, order: LoginOrder): Promise<PersonView> {
  await parts.keychain.probe();
  const before = await parts.sessions.peek();
  const nameBefore = (await parts.state.read()).servers[parts.server]?.name;
  const session = await obtain(parts, order, before);
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
  if (order.demand && nameBefore && nameBefore !== person.name)
    throw fail('another_person', { was: nameBefore, is: person.name });
  return person;
}

function obtain(
  { authorization, processes }: LoginParts,
  order: LoginOrder,
  before: StoredSession | undefined,
): Promise<StoredSession> {
  const way = order.way ?? before?.way ?? { kind: 'device' };
  const { demand, signal, show } = order;
  const common = { hostName: processes.hostName, purpose: 'jit login', demand, signal };
  if (way.kind === 'device')
    return authorization.deviceLogin({ ...common, show: (prompt) => show({ kind: 'device', ...prompt }) });
  if (way.kind === 'browser')
    return authorization.browserLogin({ ...common, show: (prompt) => show({ kind: 'browser', ...prompt }) });
  // A token belongs to the key that it first came with.
  const dpopKey = before?.way.kind === 'workload' ? before.dpopKey : null;
  return authorization.workloadLogin({ tokenFile: way.tokenFile, dpopKey });
}

export type LoggedOut = GiveBackResult & {
  readonly wasLoggedIn: boolean;
  /** Held here until now, and live until their time is over: there was no session that could give them back. */
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
  // What the server does not know as this person's was claimed by another one, who was logged in here before.
  const left = held.filter(({ view }) => !given.some(({ grant }) => grant.id === view.id));
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
