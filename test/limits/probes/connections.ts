import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { Hono } from 'hono';
import { vi } from 'vitest';
import type { ApiEnvironment } from '../../../src/server/api/index.ts';
import { answerBy, startHttp } from '../../../src/server/http/http.ts';
import { type MetricsParts, startMetrics } from '../../../src/server/metrics/listener.ts';
import { findQuietPort } from '../../support/quiet-port.ts';
import type { Ground, Probe } from '../ground.ts';

/** Limits on connections. That node keeps what it was told is shown in connections.test.ts, with less patience. */
export const connectionProbes = {
  HEADER_LIMIT_BYTES: async (size, { server }) => {
    const { host } = new URL(server.url);
    // Node counts the target, and the names and values of the headers.
    const known = '/v1/nothing'.length + 'host'.length + host.length + 'connection'.length + 'close'.length;
    const pad = 'x'.repeat(size - known - 'cookie'.length);
    const head = `GET /v1/nothing HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\ncookie: ${pad}\r\n\r\n`;
    return (await exchange(server.url, head)).startsWith('HTTP/1.1 404');
  },
  HEADERS_TIMEOUT_MS: async (size, ground) => (await readSettings(ground)).headersTimeout >= size,
  REQUEST_TIMEOUT_MS: async (size, ground) => (await readSettings(ground)).requestTimeout >= size,
  TIMEOUT_CHECK_MS: async (size, ground) => (await readSettings(ground)).connectionsCheckingInterval >= size,
  KEEP_ALIVE_TIMEOUT_MS: async (size, ground) => (await readSettings(ground)).keepAliveTimeout >= size,
  SILENT_CONNECTION_MS: async (size, ground) => (await readSettings(ground)).timeout >= size,
  MOST_CONNECTIONS: async (size, ground) => (await readSettings(ground)).maxConnections >= size,
  MOST_METRICS_CONNECTIONS: (size) => servesFiguresTo(size),
  DRAIN_MS: (size) => isDrainedFor(size),
} satisfies Readonly<Record<string, Probe>>;

/** What the running server was told. */
function readSettings({ server }: Ground): Promise<Server & { connectionsCheckingInterval: number }> {
  return findServer(server.url);
}

/** The server behind an address of this process. */
export function findServer(url: string): Promise<Server & { connectionsCheckingInterval: number }> {
  return hearServer(() => fetch(`${url}/v1/nothing`, { headers: { connection: 'close' } }));
}

/** The server of this process that is asked like this. */
export async function hearServer(
  ask: () => Promise<unknown>,
): Promise<Server & { connectionsCheckingInterval: number }> {
  const found: Server[] = [];
  const listen = (message: unknown) => found.push((message as { readonly server: Server }).server);
  subscribe('http.server.request.start', listen);
  await ask();
  unsubscribe('http.server.request.start', listen);
  const [first] = found;
  if (!first) throw new Error('no server was heard');
  return first as Server & { connectionsCheckingInterval: number };
}

/** Are there so many connections at the address for figures? */
async function servesFiguresTo(connections: number): Promise<boolean> {
  const listen = { host: '127.0.0.1', port: await findQuietPort() };
  const metrics = await startMetrics({
    config: { listen, token: null },
    health: { answer: () => false },
  } as unknown as MetricsParts);
  const { maxConnections } = await findServer(`http://127.0.0.1:${listen.port}`);
  await metrics.close();
  return maxConnections >= connections;
}

/** Is a request that takes this long answered although the server stops? */
async function isDrainedFor(ms: number): Promise<boolean> {
  const port = await findQuietPort();
  const asked = Promise.withResolvers<void>();
  const ready = Promise.withResolvers<void>();
  const app = new Hono<ApiEnvironment>().get('/slow', async (c) => {
    asked.resolve();
    await ready.promise;
    return c.text('done');
  });
  const server = await startHttp({
    url: `http://127.0.0.1:${port}`,
    listen: { host: '127.0.0.1', port },
    holdSite: () => ({
      value: {
        authorization: { handles: () => false, callback: () => {} },
        respond: answerBy(app),
      },
      release: () => {},
    }),
  });
  const url = `http://127.0.0.1:${port}`;
  const head = `GET /slow HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nconnection: close\r\n\r\n`;
  const answer = exchange(url, head).then((text) => text.endsWith('done'));
  await asked.promise;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const closed = server.close();
  vi.advanceTimersByTime(ms - 1);
  vi.useRealTimers();
  ready.resolve();
  await closed;
  return answer;
}

/** Sends bytes and reads to the end. */
export function exchange(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.on('data', (chunk) => {
      answer += String(chunk);
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
  });
}
