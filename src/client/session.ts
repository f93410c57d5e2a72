import { fail } from '../core/errors.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Keychain } from '../core/ports/keychain.ts';
import type { Lock } from '../core/ports/lock.ts';
import type { Authorization, SessionSource, StoredSession } from '../core/ports/session.ts';
import { SECOND_MS } from '../core/time.ts';
import { createSessionItem } from './session-item.ts';

/** An access token with less time left than this is replaced before it is used. */
const FRESH_MS = 30 * SECOND_MS;

export type SessionOptions = {
  readonly server: string;
  /** Of whose tokens it is, where that is not the server. */
  readonly issuer?: string | undefined;
  readonly keychain: Keychain;
  readonly lock: Pick<Lock, 'run'>;
  readonly authorization: Pick<Authorization, 'refresh'>;
  readonly clock: Clock;
};

/** The session of one server: where it is kept, and always with a token that should still be good. */
export interface SessionKeeper extends SessionSource {
  store(session: StoredSession): Promise<void>;
  /** What is kept, good or not; undefined where there is nothing that can be read. */
  peek(): Promise<StoredSession | undefined>;
  /** True when there was a session. Says nothing to the server. */
  clear(): Promise<boolean>;
}

/**
 * Refreshing is single-flight across processes (S11): whoever gets the lock looks again at what is stored, and
 * refreshes only what nobody has replaced meanwhile. Parallel callers in this process share one look.
 */
export function createSessionSource(options: SessionOptions): SessionKeeper {
  const server = normalizeServer(options.server);
  const item = createSessionItem({ ...options, server });
  const lockName = `session-${new URL(server).host.replaceAll(/[^a-z0-9.-]/g, '_')}`;
  const share = createSharing<StoredSession>();
  let held: StoredSession | undefined;

  const hold = (session: StoredSession): StoredSession => {
    held = session;
    return session;
  };
  const isFresh = (session: StoredSession): boolean =>
    session.accessExpiresAt - options.clock.now() > FRESH_MS;

  const replace = (isGood: (session: StoredSession) => boolean): Promise<StoredSession> =>
    options.lock.run(lockName, async () => {
      const stored = await item.read();
      if (isGood(stored)) return hold(stored);
      const refreshed = await options.authorization.refresh(stored);
      await item.write(refreshed);
      return hold(refreshed);
    });

  const read = async (): Promise<StoredSession> => {
    if (held && isFresh(held)) return held;
    const stored = await item.read();
    return isFresh(stored) ? hold(stored) : replace(isFresh);
  };

  const renew = (refused: StoredSession): Promise<StoredSession> =>
    replace((stored) => isFresh(stored) && !hasSameToken(stored, refused));

  return {
    read: () => share('read', read),
    renew: (refused) => share(refused.accessToken.reveal(), () => renew(refused)),
    store: (session) =>
      options.lock.run(lockName, async () => {
        await item.write(requireOf(session, server));
        hold(session);
      }),
    peek: () => item.read().catch(() => undefined),
    clear: () => {
      held = undefined;
      return options.lock.run(lockName, () => item.remove());
    },
  };
}

function normalizeServer(server: string): string {
  const url = new URL(server);
  return url.pathname === '/' ? url.origin : server;
}

function hasSameToken(left: StoredSession, right: StoredSession): boolean {
  return left.accessToken.reveal() === right.accessToken.reveal();
}

function requireOf(session: StoredSession, server: string): StoredSession {
  if (session.server === server) return session;
  throw fail('failed', { why: `a session of ${session.server} cannot be kept as one of ${server}` });
}

/** One running action a key: who comes while it runs gets its result, who comes later starts a new one. */
function createSharing<T>(): (key: string, action: () => Promise<T>) => Promise<T> {
  const running = new Map<string, Promise<T>>();
  return (key, action) => {
    const shared = running.get(key);
    if (shared) return shared;
    const started = action().finally(() => running.delete(key));
    running.set(key, started);
    return started;
  };
}
