import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fail } from '../../../src/core/errors.ts';
import { Secret } from '../../../src/core/secret.ts';
import { buildSession } from '../../support/fakes/fake-authorization.ts';
import {
  CLAIMED,
  connectBackend,
  createFakeSession,
  type FakeSession,
  problem,
} from '../../support/scripted-server/api.ts';
import { createSteppingClock } from '../../support/scripted-server/clock.ts';
import { checkProof } from '../../support/scripted-server/proof.ts';
import {
  type Reply,
  type ScriptedServer,
  startScriptedServer,
} from '../../support/scripted-server/server.ts';

const CLAIM = '/v1/requests/req_1/claim';
const claimed: Reply = { json: CLAIMED };
const wantsNonce: Reply = (response) => {
  const challenge = 'DPoP error="use_dpop_nonce"';
  response.writeHead(401, { 'www-authenticate': challenge, 'dpop-nonce': 'n-1' }).end();
};

let server: ScriptedServer;
let session: FakeSession;
const clock = createSteppingClock();

beforeEach(async () => {
  server = await startScriptedServer();
  session = createFakeSession(server.url);
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

describe('every call', () => {
  it('TOK-03: carries the token and a proof for this method, address, token and moment', async () => {
    server.on('/v1/history', { json: { as_of: '2026-11-21T12:00:00Z', requests: [], grants: [] } });
    await connectBackend(server, { clock, session }).listHistory(5);
    const [call] = server.calls;
    expect(call?.headers.authorization).toBe('DPoP access-0');
    const { payload } = await checkProof(call);
    expect(payload).toMatchObject({
      htm: 'GET',
      htu: `${server.url}/v1/history`,
      ath: createHash('sha256').update('access-0').digest('base64url'),
      iat: Math.floor(clock.now() / 1000),
      jti: expect.any(String),
    });
  });

  it('TOK-03: has a proof of its own', async () => {
    server.on(CLAIM, claimed);
    const backend = connectBackend(server, { clock, session });
    await backend.claim('req_1');
    await backend.claim('req_1');
    const proofs = await Promise.all(server.calls.map(checkProof));
    expect(new Set(proofs.map((proof) => proof.payload.jti)).size).toBe(2);
    expect(new Set(proofs.map((proof) => proof.thumbprint)).size).toBe(1);
  });

  it('TOK-03: answers a demand for a nonce once, and uses it from then on', async () => {
    server.on(CLAIM, wantsNonce, claimed);
    const backend = connectBackend(server, { clock, session });
    await backend.claim('req_1');
    await backend.claim('req_1');
    const proofs = await Promise.all(server.calls.map(checkProof));
    expect(proofs.map((proof) => proof.payload.nonce)).toEqual([undefined, 'n-1', 'n-1']);
    expect(session.renewed).toEqual([]);
  });

  it('TOK-03: gives up when the nonce it was given is refused', async () => {
    server.on(CLAIM, wantsNonce);
    await expect(connectBackend(server, { clock, session }).claim('req_1')).rejects.toMatchObject({
      code: 'bad_answer',
    });
    expect(server.calls).toHaveLength(2);
  });

  it('shows no key in the error about a damaged one', async () => {
    const damaged = buildSession({ dpopKey: new Secret('{"kty":"EC","crv":"P-256","d":"canary"}') });
    const source = { read: async () => damaged, renew: async () => damaged };
    const claiming = connectBackend(server, { clock, session: source }).claim('req_1');
    const failed: unknown = await claiming.catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: 'keychain_unreadable' });
    expect(inspect(failed, { depth: 20, showHidden: true })).not.toContain('canary');
  });
});

describe('a refused token', () => {
  it.each(['session_expired', 'login_needed'])(
    'is renewed once for %s, and the call made again',
    async (code) => {
      server.on(CLAIM, problem(401, code), claimed);
      expect(await connectBackend(server, { clock, session }).claim('req_1')).toMatchObject({
        grant: { id: 'gr_1' },
      });
      expect(session.renewed).toEqual(['access-0']);
      expect(server.calls.map((call) => call.headers.authorization)).toEqual([
        'DPoP access-0',
        'DPoP access-1',
      ]);
    },
  );

  it('is an error when the new one is refused too', async () => {
    server.on(CLAIM, problem(401, 'session_expired'));
    await expect(connectBackend(server, { clock, session }).claim('req_1')).rejects.toMatchObject({
      code: 'session_expired',
      exitCode: 4,
    });
    expect(session.renewed).toHaveLength(1);
  });

  it('is the error of the renewal where that fails', async () => {
    server.on(CLAIM, problem(401, 'login_needed'));
    const over = fail('session_expired', { server: server.url });
    const source = { ...session, renew: () => Promise.reject(over) };
    await expect(connectBackend(server, { clock, session: source }).claim('req_1')).rejects.toBe(over);
  });

  it('is not renewed for anything else', async () => {
    server.on(CLAIM, problem(401, 'forbidden'));
    await expect(connectBackend(server, { clock, session }).claim('req_1')).rejects.toMatchObject({
      code: 'forbidden',
    });
    expect(session.renewed).toEqual([]);
  });

  it('is not asked for at all without a session', async () => {
    const needed = fail('login_needed', { server: server.url });
    const source = { read: () => Promise.reject(needed), renew: () => Promise.reject(needed) };
    await expect(connectBackend(server, { clock, session: source }).claim('req_1')).rejects.toBe(needed);
    expect(server.calls).toEqual([]);
  });
});

describe("the server's time", () => {
  it.each([
    ['RFC 3339 with milliseconds', '2026-11-21T14:00:00.250Z', Date.UTC(2026, 10, 21, 14, 0, 0, 250)],
    ['milliseconds', '1795269600250', 1_795_269_600_250],
  ])('is reported from %s', async (_name, header, at) => {
    server.on(CLAIM, { ...claimed, headers: { 'jit-time': header } });
    const reported: number[] = [];
    const onServerTime = (time: number): void => void reported.push(time);
    await connectBackend(server, { clock, session, onServerTime }).claim('req_1');
    expect(reported).toEqual([at]);
  });

  it.each(['', 'soon', '99999999999999999999', '2026-11-21'])(
    'is nothing where the header says %j',
    async (header) => {
      server.on(CLAIM, { ...claimed, headers: { 'jit-time': header } });
      const onServerTime = (): never => expect.unreachable('there was no time');
      await connectBackend(server, { clock, session, onServerTime }).claim('req_1');
      expect(server.calls).toHaveLength(1);
    },
  );

  it.each([12, -12])('dates the proofs when this clock is %i h off', async (hours) => {
    const at = clock.now() - hours * 3_600_000;
    const time = new Date(at).toISOString();
    const refused: Reply = (response) => {
      response.writeHead(401, { 'jit-time': time, 'content-type': 'application/problem+json' });
      response.end(JSON.stringify({ code: 'login_needed', detail: 'the proof is not of now' }));
    };
    server.on(CLAIM, refused, { ...claimed, headers: { 'jit-time': time } });
    await connectBackend(server, { clock, session }).claim('req_1');
    expect((await checkProof(server.calls[1])).payload.iat).toBe(Math.floor(at / 1000));
    expect(session.renewed).toEqual([]);
  });
});
