import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ApprovalBackend } from '../../../src/core/ports/backend.ts';
import { createFakeClock } from '../../support/fakes/fake-clock.ts';
import { connectBackend, GRANT, problem, REQUEST } from '../../support/scripted-server/api.ts';
import { type ScriptedServer, startScriptedServer } from '../../support/scripted-server/server.ts';

const DOSSIER = {
  request: REQUEST,
  may_decide: true,
  obstacle: null,
  requester: { name: 'dev', kind: 'person', groups: ['engineers'] },
  from: { ip: '10.0.0.7', method: 'device', logged_in_at: '2026-11-21T11:00:00Z' },
  verdicts: [],
  unusual: [],
  earlier: [],
  grants: [],
};
const INBOX = { as_of: '2026-11-21T12:00:00Z', position: 9, requests: [REQUEST], afterwards: [] };

let server: ScriptedServer;
let backend: ApprovalBackend;
beforeEach(async () => {
  server = await startScriptedServer();
  backend = connectBackend(server, { clock: createFakeClock(Date.parse('2026-11-21T12:00:00Z')) });
});
afterEach(() => server[Symbol.asyncDispose]());

function lastCall(): { readonly line: string; readonly body: unknown } {
  const call = server.calls.at(-1);
  return { line: `${call?.method} ${call?.url}`, body: call?.body ? JSON.parse(call.body) : undefined };
}

describe('a reviewer’s backend', () => {
  it('reads the inbox at once, and follows it from a position with a long poll', async () => {
    server.on('/v1/inbox', { json: INBOX });
    expect(await backend.readInbox()).toMatchObject({ position: 9, requests: [{ id: 'req_1' }] });
    expect(lastCall().line).toBe('GET /v1/inbox');
    await backend.readInbox({ after: 9 });
    expect(lastCall().line).toBe('GET /v1/inbox?after=9&wait_seconds=25');
  });

  it('takes no dossier of another request for the one it asked about', async () => {
    server.on('/v1/requests/req_1/dossier', { json: DOSSIER });
    expect(await backend.readDossier('req_1')).toMatchObject({ mayDecide: true, from: { ip: '10.0.0.7' } });
    server.on('/v1/requests/req_2/dossier', { json: DOSSIER });
    await expect(backend.readDossier('req_2')).rejects.toMatchObject({ code: 'bad_answer' });
  });

  it('sends decisions as they were meant', async () => {
    for (const what of ['approve', 'deny', 'review'])
      server.on(`/v1/requests/req_1/${what}`, { json: { request: REQUEST } });
    const approval = { scopes: ['prod:db.read'], durationSeconds: 600, reason: null, digest: 'digest-1' };
    await backend.approve('req_1', approval);
    expect(lastCall()).toEqual({
      line: 'POST /v1/requests/req_1/approve',
      body: { scopes: ['prod:db.read'], duration_seconds: 600, reason: null, digest: 'digest-1' },
    });
    await backend.deny('req_1', 'not today');
    expect(lastCall()).toEqual({ line: 'POST /v1/requests/req_1/deny', body: { reason: 'not today' } });
    await backend.reviewAfterwards('req_1', { outcome: 'objected', reason: 'no emergency' });
    expect(lastCall()).toEqual({
      line: 'POST /v1/requests/req_1/review',
      body: { outcome: 'objected', reason: 'no emergency' },
    });
  });

  it.each(['self_approval', 'not_a_reviewer', 'request_changed', 'already_decided'])(
    'passes on that the server said %s',
    async (code) => {
      server.on('/v1/requests/req_1/approve', problem(403, code));
      const approval = { scopes: null, durationSeconds: null, reason: null, digest: 'digest-1' };
      await expect(backend.approve('req_1', approval)).rejects.toMatchObject({ code });
    },
  );
});

describe('taking away what others hold', () => {
  it.each([
    [{ user: 'eva', target: null }, 'user=eva', { user: 'eva' }],
    [
      { user: 'eva & co', target: 'orders' },
      'user=eva+%26+co&target=orders',
      { user: 'eva & co', target: 'orders' },
    ],
    [{ user: null, target: null }, 'everyone=true', { everyone: true }],
  ])('names whose: %j', async (selection, query, said) => {
    server.on('/v1/grants', { json: { grants: [GRANT] } });
    expect(await backend.listRevocable(selection)).toMatchObject([{ id: 'gr_1', heldBy: 'dev' }]);
    expect(lastCall().line).toBe(`GET /v1/grants?${query}`);
    server.on('/v1/revocations', { json: { grants: [GRANT], cancelled: 2, sessions_ended: 1 } });
    expect(await backend.revokeMany(selection)).toMatchObject({ cancelled: 2, sessionsEnded: 1 });
    expect(lastCall()).toEqual({ line: 'POST /v1/revocations', body: { ...said, wait_seconds: 10 } });
  });

  it('reads the history of the one who is named', async () => {
    server.on('/v1/history', { json: { as_of: '2026-11-21T12:00:00Z', requests: [], grants: [] } });
    await backend.listHistory(20, 'eva & co');
    expect(lastCall().line).toBe('GET /v1/history?limit=20&user=eva+%26+co');
  });
});
