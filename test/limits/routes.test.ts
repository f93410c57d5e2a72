import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { BODY_LIMIT_BYTES, HEADER_LIMIT_BYTES, MOST_FORM_FIELDS } from '../../src/core/limits.ts';
import { Secret } from '../../src/core/secret.ts';
import { type Ground, inPieces, openGround } from './ground.ts';

const FORM = 'application/x-www-form-urlencoded';
const SLACK = {
  token: new Secret('xoxb-1'),
  signingSecret: new Secret('signing'),
  channel: 'C1',
  apiUrl: 'http://127.0.0.1:9',
};

let ground: Ground;
let routes: readonly { readonly method: string; readonly path: string }[];

beforeAll(async () => {
  const mount = vi.spyOn(Hono.prototype, 'route');
  ground = await openGround({ config: { channels: { webhook: null, slack: SLACK } } });
  const apps = mount.mock.contexts as readonly Hono[];
  mount.mockRestore();
  const all = apps
    .map((app) => app.routes)
    .reduce((most, own) => (own.length > most.length ? own : most), []);
  routes = all
    .filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => ({ method, path: path.replace(':id', 'req_1') }));
});

afterAll(async () => {
  await ground[Symbol.asyncDispose]();
});

/** By hand, and signed where that is asked for: what is not for strangers must hold for those who are none, too. */
async function post(
  path: string,
  type: string,
  body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>,
) {
  const response = await ground.send(path, { body, headers: { 'content-type': type } });
  await response.text();
  return response.status;
}

describe('INP-01: every route that takes a body', () => {
  it('is known here', () => {
    const posts = routes.filter(({ method }) => method !== 'GET').map(({ path }) => path);
    expect(posts).toEqual(
      expect.arrayContaining([
        '/v1/requests',
        '/v1/revocations',
        '/oauth/revoke',
        '/device/code',
        '/login',
        '/grants/revoke',
        '/channels/slack/actions',
      ]),
    );
  });

  it.each(['application/json', FORM, 'text/plain', 'multipart/form-data; boundary=x'])(
    'does nothing with one byte too many of %s, with its length said or without',
    async (type) => {
      const text = 'x'.repeat(BODY_LIMIT_BYTES + 1);
      for (const { method, path } of routes) {
        if (method === 'GET') continue;
        for (const body of [text, inPieces(text)]) {
          const status = await post(path, type, body);
          expect([path, status]).toEqual([path, readsBody(path) ? 413 : expect.toSatisfy(isRefusal)]);
        }
      }
      expect(ground.server.errors).toEqual([]);
    },
  );

  it.each([
    ['a name twice', 'csrf=a&csrf=b'],
    ['bytes that are no UTF-8', 'csrf=%ff'],
    ['bytes that are no UTF-8, not even escaped', new Uint8Array([0x63, 0x3d, 0xff, 0xfe])],
    ['too many fields', Array.from({ length: MOST_FORM_FIELDS + 1 }, (_, index) => `f${index}=`).join('&')],
    ['thousands of empty fields', '&'.repeat(8000)],
    ['NUL', 'csrf=%00&token=%00&client_id=jit-cli%00'],
    ['names of what every object has', '__proto__=1&constructor=2&toString=3&hasOwnProperty=4'],
    ['escapes that are none', 'csrf=%&token=%zz&%=%'],
  ] as const)('does nothing with a form that has %s', async (_, body) => {
    for (const { method, path } of routes) {
      if (method !== 'GET')
        expect([path, await post(path, FORM, body)]).toEqual([path, expect.toSatisfy(isRefusal)]);
    }
    for (const path of ['/oauth/token', '/oauth/device']) {
      expect([path, await post(path, FORM, body)]).toEqual([path, expect.toSatisfy(isRefusal)]);
    }
    expect(ground.server.errors).toEqual([]);
  });
});

describe('INP-01: every route that takes a query', () => {
  it.each([
    ['a long one', `q=${'x'.repeat(8000)}`],
    ['a name many times', 'user=a&'.repeat(500)],
    ['escapes that are none', 'q=%&user=%zz&after=%ff&page=%00&filter=%'],
    ['numbers that are none', 'limit=1e9&wait_seconds=-1&after=9e99&page=99999999999'],
    ['names of what every object has', '__proto__=1&constructor=2&toString=3'],
  ])('answers %s', async (_, query) => {
    for (const { method, path } of routes) {
      if (method !== 'GET') continue;
      const leave = new AbortController();
      const response = await fetch(`${ground.server.url}${path}?${query}`, {
        redirect: 'manual',
        signal: leave.signal,
      });
      expect([path, response.status]).toEqual([path, expect.toSatisfy((status: number) => status < 500)]);
      leave.abort();
    }
    expect(ground.server.errors).toEqual([]);
  });

  it('answers with cookies to the brim, and refuses what is over it', async () => {
    const crumbs = Array.from({ length: 3000 }, (_, index) => `c${index}=1`).join('; ');
    const brim = `jit_session=junk; ${crumbs}`.slice(0, HEADER_LIMIT_BYTES - 500);
    for (const { method, path } of routes) {
      if (method !== 'GET' || path.startsWith('/v1/')) continue;
      const ask = (cookie: string) =>
        fetch(ground.server.url + path, { headers: { cookie }, redirect: 'manual' });
      expect([path, (await ask(brim)).status]).toEqual([
        path,
        expect.toSatisfy((status: number) => status < 500),
      ]);
      expect([path, (await ask(brim + 'x'.repeat(600))).status]).toEqual([path, 431]);
    }
    expect(ground.server.errors).toEqual([]);
  });
});

function isRefusal(status: number): boolean {
  return status >= 400 && status < 500;
}

/** Taking back, claiming, fetching a token and checking one say all that they mean in their address: what else comes is not read. */
function readsBody(path: string): boolean {
  return !/^(\/v1\/requests\/[^/]+\/(cancel|claim|token)|\/oauth\/check)$/.test(path);
}
