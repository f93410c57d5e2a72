import { createServerBackend } from '../adapters/backends/server.ts';
import { createHttp } from '../adapters/oauth/http.ts';
import { createSessionSource, type SessionKeeper } from '../client/session.ts';
import type { ApprovalBackend } from '../core/ports/backend.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Keychain } from '../core/ports/keychain.ts';
import type { Lock } from '../core/ports/lock.ts';
import type { Authorization } from '../core/ports/session.ts';
import type { Instant } from '../core/time.ts';
import { defer } from './defer.ts';

/** What the server knows the command line as. */
export const CLIENT_ID = 'jit-cli';

export type OnlineOptions = {
  readonly server: string;
  readonly keychain: Keychain;
  readonly lock: Lock;
  readonly clock: Clock;
  /** Called with the server's own time at every answer that tells it. */
  readonly onServerTime: (at: Instant) => void;
  /** How long to go on trying while it does not answer; 0: once. */
  readonly patienceMs?: number | undefined;
};

export type Online = {
  readonly backend: ApprovalBackend;
  readonly sessions: SessionKeeper;
  readonly authorization: Authorization;
};

/** All that speaks to one server. The OAuth side is loaded for logging in, refreshing and logging out only. */
export function goOnline(options: OnlineOptions): Online {
  const { server, keychain, lock, clock, onServerTime, patienceMs } = options;
  const http = createHttp();
  const loadAuthorization = async (): Promise<Authorization> => {
    const { createAuthorization } = await import('../adapters/oauth/authorization.ts');
    return createAuthorization({ server, clock, http, clientId: CLIENT_ID });
  };
  const authorization = defer(loadAuthorization, [
    'deviceLogin',
    'browserLogin',
    'workloadLogin',
    'refresh',
    'revoke',
  ]);
  const sessions = createSessionSource({ server, keychain, lock, authorization, clock });
  const backend = createServerBackend({ server, http, session: sessions, clock, onServerTime, patienceMs });
  return { backend, sessions, authorization };
}
