import { createServerBackend } from '../../../src/adapters/backends/server.ts';
import { createHttp } from '../../../src/adapters/oauth/http.ts';
import type { ApprovalBackend, Submission } from '../../../src/core/ports/backend.ts';
import type { Clock } from '../../../src/core/ports/clock.ts';
import type { SessionSource, StoredSession } from '../../../src/core/ports/session.ts';
import { Secret } from '../../../src/core/secret.ts';
import { buildSession } from '../fakes/fake-authorization.ts';
import type { Reply, ScriptedServer } from './server.ts';

export const SUBMISSION: Submission = {
  scopes: ['prod:db.read'],
  target: 'orders',
  durationSeconds: 1_800,
  reason: 'INC-4211 slow checkout',
  ticket: 'INC-4211',
  extendsGrantId: null,
  breakGlass: false,
  idempotencyKey: 'key-1',
};

export const REQUEST = {
  id: 'req_1',
  url: 'https://jit.example.com/requests/req_1',
  state: 'pending',
  scopes: ['prod:db.read'],
  target: 'orders',
  duration_seconds: 1_800,
  reason: 'INC-4211 slow checkout',
  ticket: null,
  requested_by: 'dev',
  created_at: '2026-11-21T12:00:00Z',
  lapses_at: '2026-11-21T13:00:00Z',
  claim_by: null,
  decision: {
    outcome: 'automatic',
    rule: 'reads-are-automatic',
    reasons: ['a read'],
    advice: [],
    reviews: [],
  },
  approvals: { needed: 0, given: 0, groups: [] },
  can_approve: [],
  told: [],
  grant_id: 'gr_1',
  extends_grant_id: null,
  break_glass: false,
  originally: { scopes: ['prod:db.read'], duration_seconds: 1_800 },
  escalated_at: null,
  afterwards: null,
  digest: 'digest-1',
};

export const GRANT = {
  id: 'gr_1',
  url: 'https://jit.example.com/grants/gr_1',
  request_id: 'req_1',
  state: 'active',
  scopes: ['prod:db.read'],
  target: 'orders',
  held_by: 'dev',
  claimed_at: '2026-11-21T12:00:00Z',
  expires_at: '2026-11-21T12:30:00Z',
  last_used_at: null,
  ended_at: null,
  ended_because: null,
  revocation: {
    token: 'live',
    target: 'live',
    confirmed: false,
    attempts: 0,
    last_error: null,
    sessions_ended: 0,
  },
};

export const CLAIMED = {
  request: { ...REQUEST, state: 'claimed' },
  grant: GRANT,
  token: 'grant-token',
  credential: {
    environment: { PGHOST: 'db.internal' },
    secret_environment: {},
    secret_files: [
      { variable: 'PGPASSFILE', content: 'db:5432:*:a:b', instead: { variable: 'PGPASSWORD', value: 'b' } },
    ],
    removes: ['PGSERVICE'],
  },
};

export function problem(status: number, code: string): Reply {
  const headers = { 'content-type': 'application/problem+json' };
  return { status, headers, body: JSON.stringify({ code, detail: `said ${code}`, hint: 'do that' }) };
}

export type FakeSession = SessionSource & { readonly renewed: string[] };

/** Tokens `access-0`, `access-1`, … each renewal giving the next; `renewed` are those that were refused. */
export function createFakeSession(server: string): FakeSession {
  let current: StoredSession = buildSession({ server });
  const renewed: string[] = [];
  return {
    renewed,
    read: async () => current,
    renew: async (refused) => {
      renewed.push(refused.accessToken.reveal());
      current = { ...current, accessToken: new Secret(`access-${renewed.length}`) };
      return current;
    },
  };
}

export function connectBackend(
  server: ScriptedServer,
  options: {
    readonly clock: Clock;
    readonly session?: SessionSource;
    readonly timeoutMs?: number;
    readonly onServerTime?: (at: number) => void;
  },
): ApprovalBackend {
  const { clock, session = createFakeSession(server.url), timeoutMs = 2_000, onServerTime } = options;
  return createServerBackend({
    server: server.url,
    http: createHttp({ timeoutMs }),
    session,
    clock,
    onServerTime,
  });
}
