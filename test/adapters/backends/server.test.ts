import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ApprovalBackend } from '../../../src/core/ports/backend.ts';
import {
  CLAIMED,
  connectBackend,
  GRANT,
  problem,
  REQUEST,
  SUBMISSION,
} from '../../support/scripted-server/api.ts';
import { createSteppingClock } from '../../support/scripted-server/clock.ts';
import { type ScriptedServer, startScriptedServer } from '../../support/scripted-server/server.ts';

let server: ScriptedServer;
let backend: ApprovalBackend;

beforeEach(async () => {
  server = await startScriptedServer();
  backend = connectBackend(server, { clock: createSteppingClock() });
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

const ASKED = {
  scopes: ['prod:db.read'],
  target: 'orders',
  duration_seconds: 1_800,
  reason: 'INC-4211 slow checkout',
  ticket: 'INC-4211',
  extends_grant_id: null,
  break_glass: false,
};
const STATUS = { as_of: '2026-11-21T12:00:00Z', requests: [REQUEST], grants: [GRANT] };

function lastCall(): { readonly line: string; readonly body: unknown } {
  const call = server.calls.at(-1);
  return { line: `${call?.method} ${call?.url}`, body: call?.body ? JSON.parse(call.body) : undefined };
}

describe('the server as a backend', () => {
  it('submits what was asked, with its key, and gives what was granted at once', async () => {
    server.on('/v1/requests', { status: 201, json: { request: REQUEST, claimed: CLAIMED } });
    const { request, claimed } = await backend.submit(SUBMISSION);
    expect(lastCall()).toEqual({ line: 'POST /v1/requests', body: ASKED });
    expect(server.calls[0]?.headers['idempotency-key']).toBe('key-1');
    expect(request).toMatchObject({
      id: 'req_1',
      durationSeconds: 1_800,
      lapsesAt: Date.UTC(2026, 10, 21, 13),
    });
    expect(claimed?.token.reveal()).toBe('grant-token');
    expect(claimed?.credential?.secretFiles[0]?.content.reveal()).toBe('db:5432:*:a:b');
  });

  it('previews without a key', async () => {
    server.on('/v1/previews', { json: { decision: REQUEST.decision, can_approve: ['dba'] } });
    expect(await backend.preview(SUBMISSION)).toMatchObject({
      decision: { outcome: 'automatic' },
      canApprove: ['dba'],
    });
    expect(lastCall()).toEqual({ line: 'POST /v1/previews', body: ASKED });
    expect(server.calls[0]?.headers['idempotency-key']).toBeUndefined();
  });

  it('follows a request with a long poll', async () => {
    server.on('/v1/requests/req_1', { json: { request: { ...REQUEST, state: 'approved' } } });
    const known = { state: 'pending', given: 1, told: 2 } as const;
    expect(await backend.follow('req_1', known)).toMatchObject({ state: 'approved' });
    expect(lastCall().line).toBe('GET /v1/requests/req_1?state=pending&given=1&told=2&wait_seconds=25');
  });

  it('reads lists that are longer than any other answer may be: an inbox in an emergency', async () => {
    const requests = Array.from({ length: 2_000 }, () => ({ ...REQUEST, reason: 'x'.repeat(1_000) }));
    server.on('/v1/inbox', { json: { ...STATUS, position: 7, requests, afterwards: [] } });
    expect((await backend.readInbox()).requests).toHaveLength(2_000);
    server.on('/v1/status', { json: { ...STATUS, requests } });
    await expect(backend.readStatus()).rejects.toMatchObject({ code: 'bad_answer' });
  });

  it('claims, cancels, reads and revokes by id', async () => {
    server.on('/v1/requests/req_1', { json: { request: REQUEST } });
    server.on('/v1/requests/req_1/claim', { json: CLAIMED });
    server.on('/v1/requests/req_1/cancel', { json: { request: { ...REQUEST, state: 'cancelled' } } });
    server.on('/v1/grants/gr_1', { json: { grant: GRANT } });
    server.on('/v1/grants/gr_1/revoke', { json: { grant: { ...GRANT, state: 'revoking' } } });
    expect(await backend.readRequest('req_1')).toMatchObject({ id: 'req_1' });
    expect(await backend.claim('req_1')).toMatchObject({ grant: { id: 'gr_1' } });
    expect(lastCall()).toEqual({ line: 'POST /v1/requests/req_1/claim', body: {} });
    expect(await backend.cancel('req_1')).toMatchObject({ state: 'cancelled' });
    expect(await backend.readGrant('gr_1')).toMatchObject({ revocation: { confirmed: false } });
    expect(await backend.revoke('gr_1', 'done')).toMatchObject({ state: 'revoking' });
    expect(lastCall().body).toEqual({ because: 'done', wait_seconds: 10 });
  });

  it('reads the person, the catalogue, the status and the history', async () => {
    const login = { method: 'device', at: '2026-11-21T11:00:00Z' };
    server.on('/v1/me', {
      json: { subject: 'u1', name: 'dev', kind: 'person', groups: ['engineers'], login },
    });
    server.on('/v1/scopes', { json: { scopes: [] } });
    server.on('/v1/status', { json: STATUS });
    server.on('/v1/history', { json: STATUS });
    expect(await backend.readPerson()).toMatchObject({ name: 'dev', login: { method: 'device' } });
    expect(await backend.listScopes()).toEqual([]);
    expect((await backend.readStatus()).grants).toHaveLength(1);
    expect((await backend.listHistory(20)).requests).toHaveLength(1);
    expect(lastCall().line).toBe('GET /v1/history?limit=20');
  });

  it.each([
    [403, 'denied', 3],
    [409, 'still_pending', 5],
    [404, 'no_grant', 6],
    [502, 'not_confirmed', 7],
    [502, 'target_failed', 1],
    [422, 'a_code_of_the_future', 1],
  ])('passes on what the server says: HTTP %i %s', async (status, code, exitCode) => {
    server.on('/v1/requests/req_1/claim', problem(status, code));
    const failed = { message: `said ${code}`, hint: 'do that', exitCode };
    await expect(backend.claim('req_1')).rejects.toMatchObject(failed);
    expect(server.calls).toHaveLength(1);
  });

  it.each(['readRequest', 'claim', 'cancel'] as const)(
    'refuses an answer to %s about another request',
    async (method) => {
      const other = { ...CLAIMED, request: { ...REQUEST, id: 'req_2' } };
      for (const path of ['', '/claim', '/cancel']) server.on(`/v1/requests/req_1${path}`, { json: other });
      await expect(backend[method]('req_1')).rejects.toMatchObject({ code: 'bad_answer' });
    },
  );

  it('refuses an answer about another grant', async () => {
    server.on('/v1/grants/gr_2', { json: { grant: GRANT } });
    await expect(backend.readGrant('gr_2')).rejects.toMatchObject({ code: 'bad_answer' });
  });

  it('cannot be led to another path by an id', async () => {
    await expect(backend.readGrant('../me?x=')).rejects.toMatchObject({ code: 'bad_answer' });
    expect(server.calls[0]?.url).toBe('/v1/grants/..%2Fme%3Fx%3D');
  });
});
