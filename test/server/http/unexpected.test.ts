import { connect } from 'node:net';
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fail } from '../../../src/core/errors.ts';
import { createErrorAnswer } from '../../../src/server/http/unexpected.ts';
import { type JitServer, SERVICE_SECRET, startJitServer } from '../../support/programs/jit-server.ts';

const BROKEN = new Error('the store said: <b>disk I/O error</b>');

describe('S12: what a page or a token endpoint did not expect', () => {
  function open() {
    const told: unknown[] = [];
    const answer = createErrorAnswer({
      installName: 'jit of the tests',
      onError: (error) => told.push(error),
    });
    const app = new Hono<{ Bindings: HttpBindings }>()
      .get('*', () => {
        throw BROKEN;
      })
      .onError(answer);
    return { told, app };
  }

  it('is a page for people, with the headers of every page and nothing of the cause', async () => {
    const { told, app } = open();
    const response = await app.request('/device');
    const html = await response.text();
    expect([response.status, response.headers.get('cache-control')]).toEqual([500, 'no-store']);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(html).toContain('This did not work');
    expect(html).not.toMatch(/disk|store said|unexpected\.test/);
    expect(told).toEqual([BROKEN]);
  });

  it('is an error of OAuth for programs', async () => {
    const { told, app } = open();
    const response = await app.request('/oauth/introspect');
    expect([response.status, await response.json()]).toEqual([500, { error: 'server_error' }]);
    expect(told).toEqual([BROKEN]);
  });
});

describe('a store that is away', () => {
  const away = fail('store_unreachable', { why: 'connection refused' });
  const told: unknown[] = [];
  const answer = createErrorAnswer({ installName: 'jit', onError: (error) => told.push(error) });
  const app = new Hono<{ Bindings: HttpBindings }>()
    .get('*', () => {
      throw away;
    })
    .onError(answer);

  it('is something to come back for: in the words of OAuth to programs, on a page to people', async () => {
    const response = await app.request('/oauth/introspect');
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2']);
    expect(await response.json()).toMatchObject({ error: 'temporarily_unavailable' });
    const page = await app.request('/device');
    expect([page.status, page.headers.get('content-security-policy')]).toEqual([
      503,
      expect.stringContaining("default-src 'none'"),
    ]);
    expect(await page.text()).toContain('Try again in a moment.');
    expect(told).toEqual([]);
  });
});

describe('what a client is refused', () => {
  const told: unknown[] = [];
  const answer = createErrorAnswer({ installName: 'jit', onError: (error) => told.push(error) });
  const app = new Hono<{ Bindings: HttpBindings }>()
    .get('/oauth/bad', () => {
      throw fail('bad_message', { why: 'it says nothing' });
    })
    .get('*', () => {
      throw fail('too_many', { what: 'streams at one time', afterSeconds: 10 });
    })
    .onError(answer);

  it('INP-01: is no failure of the server: a service that takes too much hears when it may come again', async () => {
    const response = await app.request('/oauth/revocations');
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '10']);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toEqual({
      error: 'temporarily_unavailable',
      error_description: 'too many streams at one time',
    });
    expect(told).toEqual([]);
  });

  it('has its own status in the words of OAuth', async () => {
    const response = await app.request('/oauth/bad');
    expect([response.status, response.headers.get('retry-after')]).toEqual([400, null]);
    expect(await response.json()).toMatchObject({ error: 'invalid_request' });
  });

  it('has its own status on a page, and says what to do', async () => {
    const response = await app.request('/events');
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '10']);
    expect(await response.text()).toContain('too many streams at one time');
  });
});

describe('the whole server', () => {
  let server: JitServer;
  let isBroken = false;

  beforeEach(async () => {
    isBroken = false;
    server = await startJitServer({
      decorate: {
        store: (store) => ({
          ...store,
          findGrantByToken: async (tokenId) => {
            if (isBroken) throw BROKEN;
            return store.findGrantByToken(tokenId);
          },
        }),
        connector: (connector) => connector,
      },
    });
  });

  afterEach(() => server[Symbol.asyncDispose]());

  it('tells of a store that fails, and prints nothing by itself', async () => {
    const prints = (['log', 'info', 'warn', 'error'] as const).map((name) =>
      vi.spyOn(console, name).mockImplementation(() => {}),
    );
    const dev = await server.logIn('dev');
    const { claimed } = await dev.backend.submit({
      scopes: ['prod:api.read'],
      target: 'orders-api',
      durationSeconds: 600,
      reason: 'INC-4211 slow checkout',
      ticket: null,
      extendsGrantId: null,
      breakGlass: false,
      idempotencyKey: crypto.randomUUID(),
    });
    isBroken = true;
    const pair = `orders-api:${encodeURIComponent(SERVICE_SECRET.reveal())}`;
    const response = await fetch(`${server.url}/oauth/introspect`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` },
      body: new URLSearchParams({ token: claimed?.token.reveal() ?? '' }),
    });
    expect([response.status, await response.json()]).toEqual([500, { error: 'server_error' }]);
    expect(server.errors).toEqual([BROKEN]);
    expect(prints.flatMap((print) => print.mock.calls)).toEqual([]);
    vi.restoreAllMocks();
  });

  it('OAU-06: says that there is no such page in a page, and in a problem to programs, with the headers of every page', async () => {
    const look = async (path: string, accept: string) => {
      const response = await fetch(server.url + path, { headers: { accept } });
      expect(response.status).toBe(404);
      expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      expect(response.headers.get('cache-control')).toBe('no-store');
      return response.text();
    };
    for (const path of ['/nope', '/requests/', '/logout', '/assets/jit.js'])
      expect(await look(path, 'text/html,*/*;q=0.8')).toMatch(/^<!doctype html>.*There is no such page here/);
    for (const [path, accept] of [
      ['/nope', '*/*'],
      ['/v1/nope', 'text/html'],
    ] as const)
      expect(JSON.parse(await look(path, accept))).toMatchObject({ code: 'not_found', status: 404 });
  });

  it.each(['/oauth/token', '/oauth/device', '/oauth/revoke', '/login', '/v1/requests'])(
    'INP-01: is not told of clients that leave in the middle of a body: %s',
    async (path) => {
      const { hostname, port, host } = new URL(server.url);
      const leave = () =>
        new Promise<void>((resolve) => {
          const socket = connect(Number(port), hostname, () => {
            socket.write(
              `POST ${path} HTTP/1.1\r\nhost: ${host}\r\ncontent-length: 1000\r\n` +
                'content-type: application/x-www-form-urlencoded\r\n\r\nclient_id=jit-cli',
              () => socket.resetAndDestroy(),
            );
          });
          socket.on('error', () => {});
          socket.on('close', () => resolve());
        });
      await Promise.all(Array.from({ length: 20 }, leave));
      // What comes after is answered, and by then the server has seen the others leave.
      for (let index = 0; index < 20; index += 1) await fetch(`${server.url}/device`);
      expect(server.errors).toEqual([]);
    },
  );
});
