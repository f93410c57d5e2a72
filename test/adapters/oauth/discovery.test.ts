import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHttp } from '../../../src/adapters/oauth/http.ts';
import { createSteppingClock } from '../../support/scripted-server/clock.ts';
import {
  beginLogin,
  buildMetadata,
  connect,
  DEVICE,
  METADATA,
  scriptLogin,
} from '../../support/scripted-server/oauth.ts';
import {
  type Reply,
  reset,
  type ScriptedServer,
  silence,
  startScriptedServer,
} from '../../support/scripted-server/server.ts';

let server: ScriptedServer;

beforeEach(async () => {
  server = await startScriptedServer();
  scriptLogin(server);
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

function login(timeoutMs = 2_000): Promise<unknown> {
  const http = createHttp({ timeoutMs });
  return beginLogin(connect(server, { clock: createSteppingClock(), http })).session;
}

describe('discovery', () => {
  it.each([
    ['another host', () => 'https://jit.example.com'],
    ['a trailing slash', () => `${server.url}/`],
    ['a path', () => `${server.url}/oauth`],
    ['capitals', () => server.url.toUpperCase()],
    ['a list', () => [server.url]],
    ['nothing', () => undefined],
  ])('TOK-07: an issuer with %s is not this server', async (_name, issuer) => {
    server.on(METADATA, { json: { ...buildMetadata(server), issuer: issuer() } });
    await expect(login()).rejects.toMatchObject({ code: 'bad_answer' });
    expect(server.callsTo(DEVICE)).toEqual([]);
  });

  it('TOK-07: a metadata document that goes on and on is not read to its end', async () => {
    let sentBytes = 0;
    const flood: Reply = (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const push = (): void => {
        while (!response.destroyed && response.write(' '.repeat(65_536))) sentBytes += 65_536;
      };
      response.on('drain', push);
      push();
    };
    server.on(METADATA, flood);
    await expect(login()).rejects.toMatchObject({ code: 'bad_answer' });
    expect(sentBytes).toBeLessThan(64 * 1024 * 1024);
  });

  it('TOK-07: a metadata document that does not come is not waited for', async () => {
    server.on(METADATA, silence);
    await expect(login(100)).rejects.toMatchObject({ code: 'unreachable', exitCode: 8 });
  });

  it.each<[string, Reply, string]>([
    ['a page', { headers: { 'content-type': 'text/html' }, body: '<h1>hi</h1>' }, 'bad_answer'],
    ['a list', { json: [] }, 'bad_answer'],
    ['null', { json: null }, 'bad_answer'],
    ['half a document', { headers: { 'content-type': 'application/json' }, body: '{"issuer"' }, 'bad_answer'],
    ['nothing', { status: 204 }, 'bad_answer'],
    ['not found', { status: 404 }, 'bad_answer'],
    ['a redirect', { status: 301, headers: { location: '/elsewhere' } }, 'bad_answer'],
    ['a broken server', { status: 500 }, 'unreachable'],
    ['a proxy without a server', { status: 502, body: '<h1>bad gateway</h1>' }, 'unreachable'],
    ['a closed connection', reset, 'unreachable'],
  ])('INP-04: %s instead of metadata is a clear error', async (_name, reply, code) => {
    server.on(METADATA, reply);
    await expect(login()).rejects.toMatchObject({ code });
  });

  it.each([7, 'not an address', 'ftp://127.0.0.1/x', ['a']])(
    'INP-04: an endpoint that is %j is a clear error',
    async (endpoint) => {
      server.on(METADATA, { json: { ...buildMetadata(server), device_authorization_endpoint: endpoint } });
      await expect(login()).rejects.toMatchObject({ code: 'bad_answer' });
    },
  );

  it('says what stands in the way of a connection', async () => {
    await server[Symbol.asyncDispose]();
    await expect(login()).rejects.toThrow(`${server.url} was not reached: connection refused`);
    server = await startScriptedServer();
  });

  it('asks for the metadata once a process', async () => {
    const authorization = connect(server, { clock: createSteppingClock() });
    await beginLogin(authorization).session;
    await beginLogin(authorization).session;
    expect(server.callsTo(METADATA)).toHaveLength(1);
  });

  it('believes a cache only when it speaks of this very server', async () => {
    const written: string[] = [];
    const cached = JSON.stringify({ ...buildMetadata(server), issuer: 'https://jit.example.com' });
    const metadataCache = {
      read: async () => cached,
      write: async (text: string) => {
        written.push(text);
      },
    };
    await beginLogin(connect(server, { clock: createSteppingClock(), metadataCache })).session;
    expect(server.callsTo(METADATA)).toHaveLength(1);
    expect(JSON.parse(written[0] ?? '')).toMatchObject({ issuer: server.url });
  });

  it('spares the question when the cache knows', async () => {
    const cached = JSON.stringify(buildMetadata(server));
    const metadataCache = { read: async () => cached, write: async () => undefined };
    await beginLogin(connect(server, { clock: createSteppingClock(), metadataCache })).session;
    expect(server.callsTo(METADATA)).toEqual([]);
  });
});
