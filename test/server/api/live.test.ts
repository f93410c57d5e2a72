import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signProof } from '../../../src/adapters/backends/dpop-proof.ts';
import type { Submission } from '../../../src/core/ports/backend.ts';
import { type EventReader, readEvents } from '../../support/events.ts';
import { type JitServer, type Someone, startJitServer } from '../../support/programs/jit-server.ts';

let server: JitServer;
let dev: Someone;
let lead: Someone;

beforeAll(async () => {
  server = await startJitServer();
  dev = await server.logIn('dev');
  lead = await server.logIn('dba-lead');
});

afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server[Symbol.asyncDispose]();
});

function call(someone: Someone, path: string, url = server.url): Promise<Response> {
  const proof = signProof(someone.session, {
    method: 'GET',
    url: new URL(path, url),
    at: Date.now(),
    nonce: undefined,
  });
  const authorization = `DPoP ${someone.session.accessToken.reveal()}`;
  return fetch(url + path, { headers: { authorization, dpop: proof } });
}

async function follow(someone: Someone, url = server.url): Promise<EventReader> {
  const response = await call(someone, '/v1/events', url);
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const stream = readEvents(response);
  await stream.opened;
  return stream;
}

function ask(scope: string): Submission {
  return {
    scopes: [scope],
    target: 'orders-api',
    durationSeconds: 600,
    reason: 'INC-4211 slow checkout',
    ticket: null,
    extendsGrantId: null,
    breakGlass: false,
    idempotencyKey: crypto.randomUUID(),
  };
}

describe('live updates of the whole server', () => {
  it('reach who may see it while it happens, with the proof that /v1 wants', async () => {
    const [own, reviewer] = [await follow(dev), await follow(lead)];
    const { request, claimed } = await dev.backend.submit(ask('prod:api.read'));
    for (const stream of [own, reviewer]) {
      expect((await stream.take(3)).map(({ data }) => [data.kind, data.request_id])).toEqual([
        ['request.submitted', request.id],
        ['grant.provisioning', request.id],
        ['grant.activated', request.id],
      ]);
    }
    await dev.backend.revoke(claimed?.grant.id ?? '', 'done');
    expect((await own.take(2)).map(({ data }) => data.kind)).toEqual(['grant.revoking', 'grant.ended']);
    await own.leave();
    await reviewer.leave();
  });

  it('are for nobody without a proof, nor with one that was used', async () => {
    expect((await fetch(`${server.url}/v1/events`)).status).toBe(401);
    const proof = signProof(dev.session, {
      method: 'GET',
      url: new URL('/v1/events', server.url),
      at: Date.now(),
      nonce: undefined,
    });
    const headers = { authorization: `DPoP ${dev.session.accessToken.reveal()}`, dpop: proof };
    const stream = readEvents(await fetch(`${server.url}/v1/events`, { headers }));
    await stream.opened;
    expect((await fetch(`${server.url}/v1/events`, { headers })).status).toBe(401);
    await stream.leave();
  });

  it('end at once with the session: a logout elsewhere ends the stream', async () => {
    const guest = await server.logIn('on-call');
    const stream = await follow(guest);
    await fetch(`${server.url}/oauth/revoke`, {
      method: 'POST',
      body: new URLSearchParams({ token: guest.session.refreshToken?.reveal() ?? '', client_id: 'jit-cli' }),
    });
    await stream.ended;
    expect((await call(guest, '/v1/events')).status).toBe(401);
  });

  it('hold up no server that stops', async () => {
    const own = await startJitServer();
    const stream = await follow(await own.logIn('dev'), own.url);
    const began = performance.now();
    await own[Symbol.asyncDispose]();
    await stream.ended;
    expect(performance.now() - began).toBeLessThan(4_000);
    expect(own.errors).toEqual([]);
  });
});
