import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { retryUnreachable } from '../../../src/adapters/backends/retry.ts';
import { fail } from '../../../src/core/errors.ts';
import type { ApprovalBackend } from '../../../src/core/ports/backend.ts';
import { never } from '../../support/never.ts';
import { connectBackend, GRANT, problem, REQUEST, SUBMISSION } from '../../support/scripted-server/api.ts';
import {
  createStandingClock,
  createSteppingClock,
  type ScriptedClock,
} from '../../support/scripted-server/clock.ts';
import {
  type Reply,
  reset,
  type ScriptedServer,
  silence,
  startScriptedServer,
} from '../../support/scripted-server/server.ts';

const KNOWN = { state: 'pending', given: 0, told: 0 } as const;

let server: ScriptedServer;
let clock: ScriptedClock;
let backend: ApprovalBackend;

beforeEach(async () => {
  server = await startScriptedServer();
  clock = createSteppingClock();
  backend = connectBackend(server, { clock });
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

const proxy: Reply = { status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>bad gateway</h1>' };

describe('a call that nobody answers', () => {
  it('is made again, the same submission under the same key, until the server is back', async () => {
    const answer = { json: { request: REQUEST, claimed: null } };
    const restarting = problem(503, 'store_unreachable');
    server.on('/v1/requests', reset, proxy, { status: 503 }, restarting, { status: 504 }, answer);
    expect(await backend.submit(SUBMISSION)).toMatchObject({ request: { id: 'req_1' } });
    expect(server.calls).toHaveLength(6);
    expect(new Set(server.calls.map((call) => call.headers['idempotency-key']))).toEqual(new Set(['key-1']));
    expect(new Set(server.calls.map((call) => call.body)).size).toBe(1);
    expect(new Set(server.calls.map((call) => call.headers.dpop)).size).toBe(6);
  });

  it.each<[string, Reply, string]>([
    ['a closed connection', reset, 'the connection was closed before the answer was complete'],
    ['a proxy without a server', proxy, 'HTTP 502'],
  ])('is given up after about 10 s of %s, with the address and the reason', async (_name, reply, why) => {
    server.on('/v1/requests/req_1/claim', reply);
    const startedAtMs = clock.monotonicMs();
    const failed = { code: 'unreachable', exitCode: 8, message: `${server.url} was not reached: ${why}` };
    await expect(backend.claim('req_1')).rejects.toMatchObject(failed);
    const tookMs = clock.monotonicMs() - startedAtMs;
    expect(tookMs).toBeGreaterThan(7_000);
    expect(tookMs).toBeLessThanOrEqual(10_000);
    expect(server.calls.length).toBeGreaterThan(4);
  });

  it('is not made again when the server itself said no', async () => {
    server.on('/v1/grants/gr_1/revoke', problem(502, 'not_confirmed'), { json: { grant: GRANT } });
    await expect(backend.revoke('gr_1', 'done')).rejects.toMatchObject({ code: 'not_confirmed' });
    expect(server.calls).toHaveLength(1);
  });

  it.each([
    'ENOTFOUND',
    'CERT_HAS_EXPIRED',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'EPROTO',
  ])('is not made again for %s, which no waiting will change', async (code) => {
    const lasting = fail('unreachable', { address: 'x', why: 'x' }, Object.assign(new Error(code), { code }));
    let attempts = 0;
    const attempt = (): Promise<never> => {
      attempts += 1;
      return Promise.reject(lasting);
    };
    await expect(retryUnreachable(attempt, { clock, patienceMs: 10_000 })).rejects.toBe(lasting);
    expect(attempts).toBe(1);
  });

  it('is ended at once by the signal, between two attempts too', async () => {
    server.on('/v1/requests/req_1', silence);
    const interrupt = new AbortController();
    const following = backend.follow('req_1', { ...KNOWN, signal: interrupt.signal });
    await server.arrival('/v1/requests/req_1');
    interrupt.abort();
    await expect(following).rejects.toMatchObject({ code: 'interrupted' });

    server.on('/v1/requests/req_2', reset);
    const standing = createStandingClock();
    const again = new AbortController();
    const waiting = connectBackend(server, { clock: standing });
    const second = waiting.follow('req_2', { ...KNOWN, signal: again.signal });
    await standing.asleep();
    again.abort();
    await expect(second).rejects.toMatchObject({ code: 'interrupted' });
  });
});

describe('the status with a time limit', () => {
  it('is given up when the time is over, whatever is still awaited', async () => {
    server.on('/v1/status', silence);
    const standing = createStandingClock();
    const status = connectBackend(server, { clock: standing }).readStatus({ timeoutMs: 2_000 });
    await server.arrival('/v1/status');
    standing.advance(2_000);
    await expect(status).rejects.toThrow('no answer within 2 s');
  });

  it('counts the time that the session takes', async () => {
    const standing = createStandingClock();
    const session = { read: never, renew: never };
    const status = connectBackend(server, { clock: standing, session }).readStatus({ timeoutMs: 2_000 });
    await standing.asleep();
    standing.advance(1_999);
    await standing.asleep();
    standing.advance(1);
    await expect(status).rejects.toMatchObject({ code: 'unreachable' });
  });

  it('is the status when that comes in time', async () => {
    server.on('/v1/status', { json: { as_of: '2026-11-21T12:00:00Z', requests: [], grants: [] } });
    const standing = createStandingClock();
    const status = connectBackend(server, { clock: standing }).readStatus({ timeoutMs: 2_000 });
    expect(await status).toMatchObject({ grants: [] });
  });
});
