import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_OPERATIONS } from '../../../src/core/config/default.ts';
import type { MetricsConfig } from '../../../src/core/config.ts';
import { fail } from '../../../src/core/errors.ts';
import { Secret } from '../../../src/core/secret.ts';
import { buildSubmission } from '../../support/crash/scene.ts';
import { type JitServer, type JitServerOptions, startJitServer } from '../../support/programs/jit-server.ts';
import { findQuietPort } from '../../support/quiet-port.ts';
import { until } from '../../support/until.ts';

const TOKEN = new Secret('the-token-of-whoever-scrapes-is-long-enough');

type Opened = { readonly server: JitServer; readonly port: number };

async function open(token: Secret | null, options: Pick<JitServerOptions, 'decorate'> = {}): Promise<Opened> {
  const port = await findQuietPort();
  const metrics: MetricsConfig = { listen: { host: '127.0.0.1', port }, token };
  const operations = { ...DEFAULT_OPERATIONS, metrics };
  return { server: await startJitServer({ config: { operations }, ...options }), port };
}

/** By hand: fetch does not let a test say another host. */
function get(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, headers }, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += String(chunk)));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    })
      .on('error', reject)
      .end();
  });
}

describe('/metrics without a token, on loopback', () => {
  let server: JitServer;
  let port: number;

  beforeAll(async () => {
    ({ server, port } = await open(null));
  });

  afterAll(() => server[Symbol.asyncDispose]());

  it('counts answers by route, grants by state, outcomes, and how late revocations are', async () => {
    const dev = await server.logIn('dev');
    const asked = buildSubmission({ scopes: ['prod:api.read'], target: 'orders-api', durationSeconds: 600 });
    const { claimed } = await dev.backend.submit(asked);
    await dev.backend.readRequest(claimed?.grant.requestId ?? '');
    expect((await get(port, '/metrics')).text).toContain('jit_grants{state="active"} 1');
    await dev.backend.revoke(claimed?.grant.id ?? '', 'done');
    const text = await until('confirmed', async () => {
      const found = (await get(port, '/metrics')).text;
      return found.includes('jit_revocation_lag_seconds_count 1') && found;
    });
    expect(text).toContain('jit_http_requests_total{route="/v1/requests/:id",method="GET",status="200"} 1');
    expect(text).toContain('jit_grants{state="active"} 0');
    expect(text).toContain('jit_requests_total{outcome="claimed"} 1');
    expect(text).toContain('jit_revocations_unconfirmed 0');
    expect(text).toContain('jit_store_full 0');
    expect(text).toContain('jit_revocation_unconfirmed_oldest_seconds 0');
    expect(text).toMatch(/jit_http_request_duration_seconds_bucket\{le="1",route="\/v1\/requests"/);
    expect(text).toMatch(/process_resident_memory_bytes \d+/);
    expect(text).toMatch(/process_cpu_seconds_total \d/);
    expect(text).toMatch(/process_open_fds [1-9]/);
  });

  it('names no route after what somebody asked for', async () => {
    await fetch(`${server.url}/never/heard/of`);
    await fetch(`${server.url}/v1/never-heard-of`);
    const { text } = await get(port, '/metrics');
    expect(text).not.toContain('heard');
    expect(text).toContain('route="none",method="GET",status="404"');
  });

  it('is not at the address that people use', async () => {
    expect((await fetch(`${server.url}/metrics`)).status).toBe(404);
  });

  it('does not answer to a name that a browser could be led here by', async () => {
    expect((await get(port, '/metrics', { host: 'rebound.example.com' })).status).toBe(421);
    expect((await get(port, '/metrics', { host: `localhost:${port}` })).status).toBe(200);
  });

  it('stands beside the health of the server, which answers to any name, and nothing else', async () => {
    expect((await get(port, '/healthz', { host: 'whoever-asks-by-address' })).status).toBe(200);
    expect((await get(port, '/readyz')).text).toBe('{"ready":true,"failing":[]}\n');
    expect((await get(port, '/v1/me')).status).toBe(404);
  });
});

describe('/metrics while the store is away', () => {
  it('says so, shows what the process counted, and nothing of what was so before', async () => {
    let isAway = false;
    const orAway = <T>(action: () => Promise<T>): Promise<T> =>
      isAway ? Promise.reject(fail('store_unreachable', { why: 'nobody answers' })) : action();
    const { server, port } = await open(null, {
      decorate: {
        connector: (connector) => connector,
        store: (store) => ({
          ...store,
          findPosition: () => orAway(() => store.findPosition()),
          readFigures: (now) => orAway(() => store.readFigures(now)),
        }),
      },
    });
    await using _ = server;
    const there = (await get(port, '/metrics')).text;
    expect(there).toMatch(/^jit_ready 1$/m);
    expect(there).toContain('jit_grants{state="active"} 0');
    isAway = true;
    const { status, text } = await get(port, '/metrics');
    expect(status).toBe(200);
    expect(text).toMatch(/^jit_ready 0$/m);
    expect(text).toContain('jit_check_failing{check="store"} 1');
    expect(text).toContain('process_resident_memory_bytes');
    expect(text).not.toContain('jit_grants');
    isAway = false;
    expect((await get(port, '/metrics')).text).not.toContain('jit_check_failing{');
  });
});

describe('/metrics with a token', () => {
  it('is for whoever has it, by whatever name they come', async () => {
    const { server, port } = await open(TOKEN);
    await using _ = server;
    const host = 'jit-1.internal';
    expect((await get(port, '/metrics', { host })).status).toBe(401);
    expect((await get(port, '/metrics', { host, authorization: 'Bearer another' })).status).toBe(401);
    const authorization = `Bearer ${TOKEN.reveal()}`;
    expect((await get(port, '/metrics', { host, authorization })).status).toBe(200);
  });
});

describe('the health of the server, at the address that people use', () => {
  it('is told to whoever asks by address, and is no line of the log', async () => {
    await using server = await startJitServer();
    const { port } = new URL(server.url);
    expect(await get(Number(port), '/readyz', { host: '10.1.2.3' })).toEqual({
      status: 200,
      text: '{"ready":true,"failing":[]}\n',
    });
  });
});
