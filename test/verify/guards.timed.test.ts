import { createServer, type Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createVerifier,
  guardExpress,
  guardFastify,
  guardHono,
  guardHttp,
  tokenOf,
  type Verifier,
} from '../../src/verify.ts';
import {
  type JitServer,
  SERVICE_SECRET,
  type Someone,
  startJitServer,
} from '../support/programs/jit-server.ts';
import { until } from '../support/until.ts';
import { buildServiceTargets, claimService } from '../support/verifying/protected-target.ts';
import { ORDERS, proveCall } from '../support/verifying/service-calls.ts';

const SCOPE = { scope: 'prod:api.read' };

let jit: JitServer;
let bound: JitServer;
let dev: Someone;
let boundDev: Someone;
const verifiers: Verifier[] = [];
const services = new Map<string, { readonly url: string; readonly close: () => Promise<unknown> }>();

beforeAll(async () => {
  [jit, bound] = await Promise.all([
    startJitServer({ config: buildServiceTargets() }),
    startJitServer({ config: buildServiceTargets({ isBound: true }) }),
  ]);
  [dev, boundDev] = await Promise.all([jit.logIn('dev'), bound.logIn('dev')]);
  for (const [name, serve] of Object.entries(SERVICES)) {
    services.set(`${name} bearer`, await serve(open(jit, { dpop: false })));
    services.set(`${name} dpop`, await serve(open(bound, { dpop: true })));
  }
});

afterAll(async () => {
  for (const verifier of verifiers) verifier.close();
  for (const { close } of services.values()) await close();
  expect([...jit.errors, ...bound.errors]).toEqual([]);
  await Promise.all([jit[Symbol.asyncDispose](), bound[Symbol.asyncDispose]()]);
});

function open(server: JitServer, { dpop }: { readonly dpop: boolean }): Verifier {
  const verifier = createVerifier({
    issuer: server.url,
    audience: ORDERS,
    introspection: { id: 'orders-api', secret: SERVICE_SECRET.reveal() },
    events: true,
    dpop,
  });
  verifiers.push(verifier);
  return verifier;
}

async function listen(server: Server) {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`, close };
}

/** The same service four times: `GET /api/orders` says who asks. */
const SERVICES = {
  express: (verifier: Verifier) => {
    const routes = express.Router();
    routes.get('/orders', guardExpress(verifier, SCOPE), (request, response) => {
      response.json({ by: tokenOf(request).subject });
    });
    const app = express();
    app.use('/api', routes);
    return listen(createServer(app));
  },
  fastify: async (verifier: Verifier) => {
    const app = fastify();
    app.get('/api/orders', { onRequest: guardFastify(verifier, SCOPE) }, async (request) => ({
      by: tokenOf(request).subject,
    }));
    return { url: await app.listen({ host: '127.0.0.1', port: 0 }), close: () => app.close() };
  },
  hono: (verifier: Verifier) => {
    const app = new Hono();
    app.get('/api/orders', guardHono(verifier, SCOPE), (c) => c.json({ by: tokenOf(c).subject }));
    return listen(createServer(getRequestListener(app.fetch)));
  },
  http: (verifier: Verifier) =>
    listen(
      createServer(
        guardHttp(verifier, SCOPE, (request, response) => {
          response.setHeader('content-type', 'application/json');
          response.end(JSON.stringify({ by: tokenOf(request).subject }));
        }),
      ),
    ),
};

async function get(service: string, headers: Readonly<Record<string, string>> = {}) {
  const url = services.get(service)?.url ?? '';
  const response = await fetch(`${url}/api/orders?page=2`, { headers });
  return {
    status: response.status,
    body: await response.json(),
    challenge: response.headers.get('www-authenticate'),
  };
}

describe.each(Object.keys(SERVICES))('a service on %s', (name) => {
  it('lets the holder of a grant through, and nobody else', async () => {
    const { token } = await claimService(dev);
    expect(await get(`${name} bearer`, { authorization: `Bearer ${token.reveal()}` })).toMatchObject({
      status: 200,
      body: { by: 'dev:dev' },
    });
    const none = await get(`${name} bearer`);
    expect(none).toMatchObject({ status: 401, body: { error: 'no_token' } });
    expect(none.challenge).toMatch(/^Bearer realm="https:\/\/orders-api/);
    const bad = await get(`${name} bearer`, { authorization: 'Bearer bad' });
    expect(bad).toMatchObject({ status: 401, body: { error: 'invalid_token' } });
  });

  it('hears within a second that a grant was given back', async () => {
    const { token, grant } = await claimService(dev);
    const headers = { authorization: `Bearer ${token.reveal()}` };
    expect((await get(`${name} bearer`, headers)).status).toBe(200);
    await dev.backend.revoke(grant.id, 'done');
    await until('refused', async () => (await get(`${name} bearer`, headers)).status === 401, 1_000);
  });

  it('TOK-03: takes a bound token with a proof for this request, once', async () => {
    const { token } = await claimService(boundDev);
    const dpop = await proveCall(boundDev, token, { url: `${ORDERS}/api/orders` });
    const headers = { authorization: `DPoP ${token.reveal()}`, dpop };
    expect((await get(`${name} dpop`, headers)).status).toBe(200);
    const again = await get(`${name} dpop`, headers);
    expect(again).toMatchObject({ status: 401, body: { error: 'invalid_dpop_proof' } });
    const asBearer = await get(`${name} dpop`, { ...headers, authorization: `Bearer ${token.reveal()}` });
    expect(asBearer.status).toBe(401);
    const elsewhere = await proveCall(boundDev, token, { url: `${ORDERS}/orders` });
    expect((await get(`${name} dpop`, { ...headers, dpop: elsewhere })).status).toBe(401);
  });
});

describe('a request that somebody else has answered while the guard looked', () => {
  it('is not answered again: what throws there would end the service', async () => {
    const verifier = open(jit, { dpop: false });
    const judged: Promise<unknown>[] = [];
    const watched: Verifier = {
      ...verifier,
      verify: (...call) => {
        const verdict = verifier.verify(...call);
        judged.push(verdict);
        return verdict;
      },
    };
    const guarded = guardHttp(watched, SCOPE, () => undefined);
    const impatient = createServer((request, response) => {
      guarded(request, response);
      response.writeHead(408).end();
    });
    const { url, close } = await listen(impatient);
    const threw: unknown[] = [];
    const note = (error: unknown) => threw.push(error);
    process.on('unhandledRejection', note);
    expect((await fetch(url)).status).toBe(408);
    await Promise.all(judged);
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    expect(threw).toEqual([]);
    await close();
  });
});

describe('a request that no guard has seen', () => {
  it('has no token to speak of', () => {
    expect(() => tokenOf({ raw: {} })).toThrow('no guard');
  });
});
