import { createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '../../core/ports/clock.ts';
import type { ProtocolEntry, ProtocolStore } from '../../core/ports/protocol-store.ts';
import type { Secret } from '../../core/secret.ts';
import { type Instant, SECOND_MS } from '../../core/time.ts';
import type { SessionLimits } from '../oauth/provider/token-hooks.ts';
import { deriveKey, isSameText } from '../oauth/tokens/sealed-text.ts';

const KIND = 'JitWebSession';
const ID = /^[A-Za-z0-9_-]{43}$/;
const TOUCH_EVERY_MS = 60 * SECOND_MS;

/** Who proved to be there, when, and with what (`acr` and `amr` values). */
export type WebLogin = {
  readonly subject: string;
  readonly authenticatedAt: Instant;
  readonly strengths: readonly string[];
};

/** A person logged in at the pages. */
export type WebSession = WebLogin & { readonly startedAt: Instant };

/** Sessions of browsers. The id is in a cookie; before a login it is only what CSRF tokens are tied to. */
export interface WebSessions {
  /** 256 random bits: nothing is stored for it. */
  makeId(): string;
  /** Could this be one that `makeId` made? */
  isId(id: string): boolean;
  find(id: string): Promise<WebSession | undefined>;
  /** Ends what was there under `previousId` and returns a new id, so that no id known before a login is good after. */
  start(login: WebLogin, previousId: string): Promise<string>;
  /** A session that is not there is success. */
  end(id: string): Promise<void>;
  /** The token that a form made for this id carries. */
  makeCsrf(id: string): string;
  isCsrf(id: string, token: string): boolean;
  /** Says in an address that this browser has posted the code, so that it may look at it as often as it likes. */
  makeTicket(id: string, code: string): string;
  isTicket(id: string, code: string, ticket: string): boolean;
}

type Options = {
  readonly protocol: ProtocolStore;
  readonly clock: Clock;
  readonly limits: SessionLimits;
  /** The first makes what forms carry; what any of them has made is good. */
  readonly cookieSecrets: () => readonly Secret[];
};

export function createWebSessions(options: Options): WebSessions {
  const { protocol, clock } = options;
  const csrf = createMarks(options.cookieSecrets, 'csrf');
  const tickets = createMarks(options.cookieSecrets, 'looking at a code');
  return {
    makeId,
    isId: (id) => ID.test(id),
    makeCsrf: csrf.make,
    makeTicket: (id, code) => tickets.make(`${id}\n${code}`),
    isTicket: (id, code, ticket) => ID.test(id) && tickets.isMade(`${id}\n${code}`, ticket),
    isCsrf: (id, token) => ID.test(id) && csrf.isMade(id, token),
    find: (id) => findSession(id, options),
    async start(login, previousId) {
      await protocol.remove(KIND, previousId);
      const id = makeId();
      await protocol.put(buildEntry(id, { ...login, startedAt: clock.now() }, options));
      return id;
    },
    end: (id) => protocol.remove(KIND, id),
  };
}

/** What only this server can have made for a text, for one purpose. */
function createMarks(listSecrets: () => readonly Secret[], purpose: string) {
  const list = (text: string): readonly string[] =>
    listSecrets().map((secret) =>
      createHmac('sha256', deriveKey(secret, purpose)).update(text).digest('base64url'),
    );
  return {
    make: (text: string): string => list(text)[0] ?? '',
    isMade: (text: string, made: string): boolean => list(text).some((mark) => isSameText(mark, made)),
  };
}

function makeId(): string {
  return randomBytes(32).toString('base64url');
}

async function findSession(id: string, options: Options): Promise<WebSession | undefined> {
  const entry = ID.test(id) ? await options.protocol.find(KIND, id) : undefined;
  const now = options.clock.now();
  if (!entry?.expiresAt || now >= entry.expiresAt) return undefined;
  const session = decodeSession(entry.payload);
  if (!session || now - Number(entry.payload.seenAt) <= TOUCH_EVERY_MS) return session;
  // Ended since it was read, by an admin or because the person left: it must not come back.
  return (await options.protocol.replace(buildEntry(id, session, options))) ? session : undefined;
}

function decodeSession(payload: Readonly<Record<string, unknown>>): WebSession | undefined {
  const { accountId, startedAt, authenticatedAt, strengths } = payload;
  if (typeof accountId !== 'string' || typeof startedAt !== 'number') return undefined;
  if (typeof authenticatedAt !== 'number' || !Array.isArray(strengths)) return undefined;
  return { subject: accountId, startedAt, authenticatedAt, strengths: strengths.map(String) };
}

/** Being seen moves the idle end, never past the absolute one. */
function buildEntry(
  id: string,
  { subject, ...session }: WebSession,
  { clock, limits }: Options,
): ProtocolEntry {
  const seenAt = clock.now();
  const idleEndAt = seenAt + limits.idleSeconds * SECOND_MS;
  const expiresAt = Math.min(idleEndAt, session.startedAt + limits.sessionSeconds * SECOND_MS);
  return { kind: KIND, id, payload: { accountId: subject, ...session, seenAt }, expiresAt };
}
