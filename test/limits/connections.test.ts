import { connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { startJitServer } from '../support/programs/jit-server.ts';
import { until } from '../support/until.ts';
import { exchange, findServer } from './probes/connections.ts';

const SLOW_CONNECTIONS = 2000;
const KINDS = [
  // Nothing at all; half a request line; headers without an end; bodies that stop, where they are read.
  () => '',
  () => 'GET /v1/m',
  (host: string) => `GET /v1/me HTTP/1.1\r\nhost: ${host}\r\nx-slow: `,
  (host: string) => `${postHead(host, '/login')}content-length: 5000\r\n\r\ncsrf=`,
  (host: string) => `${postHead(host, '/oauth/token')}content-length: 5000\r\n\r\ngrant_type=`,
  (host: string) => `${postHead(host, '/oauth/device')}transfer-encoding: chunked\r\n\r\n5\r\nclien\r\n`,
  (host: string) => `${postHead(host, '/device/code')}content-length: 5000\r\n\r\ncsrf=`,
  (host: string) => `${postHead(host, '/oauth/revoke')}content-length: 5000\r\n\r\ntoken=`,
] as const;

function postHead(host: string, path: string): string {
  return `POST ${path} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/x-www-form-urlencoded\r\n`;
}

/** How many connections the server has, as it sees them. */
async function hear(url: string): Promise<() => Promise<number>> {
  const server = await findServer(url);
  return () => new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
}

type Open = { readonly socket: Socket; readonly closed: Promise<string> };

/** A connection that says this and then nothing more; `closed` is what it was answered by the end. */
function openConnection(url: string, bytes: string): Promise<Open> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(port), hostname);
    const closed = new Promise<string>((done) => socket.on('close', () => done(answer)));
    socket.on('data', (chunk) => {
      answer += String(chunk);
    });
    socket.on('error', reject);
    socket.on('connect', () => socket.write(bytes, () => resolve({ socket, closed })));
  });
}

async function openSlow(url: string, count: number): Promise<readonly Open[]> {
  const { host } = new URL(url);
  const open: Open[] = [];
  while (open.length < count) {
    const batch = Array.from({ length: Math.min(400, count - open.length) }, (_, index) =>
      openConnection(url, (KINDS[index % KINDS.length] ?? KINDS[0])(host)),
    );
    open.push(...(await Promise.all(batch)));
  }
  return open;
}

describe('INP-01: slow connections', () => {
  it('do not keep a healthy client from being served, 2,000 of them', async () => {
    // So patient that none of them is sent away meanwhile, however busy this machine is.
    await using server = await startJitServer({ patience: { headersMs: 60_000, requestMs: 60_000 } });
    const dev = await server.logIn('dev');
    const slow = await openSlow(server.url, SLOW_CONNECTIONS);
    const connections = await hear(server.url);
    await until('there', async () => (await connections()) >= SLOW_CONNECTIONS, 20_000);
    const waits: number[] = [];
    for (let index = 0; index < 50; index += 1) {
      const askedAt = performance.now();
      await dev.backend.readStatus();
      waits.push(performance.now() - askedAt);
    }
    expect((await fetch(`${server.url}/device`)).status).toBe(200);
    expect(waits.sort((left, right) => left - right)[25]).toBeLessThan(200);
    expect(await connections()).toBeGreaterThanOrEqual(SLOW_CONNECTIONS);
    for (const { socket } of slow) socket.destroy();
    await until('closed', async () => (await connections()) < 10);
    expect(server.errors).toEqual([]);
  });
});

describe('INP-01: a connection', () => {
  const open = (patience: NonNullable<Parameters<typeof startJitServer>[0]>['patience'] = {}) =>
    startJitServer({ patience: { checkMs: 20, ...patience } });
  const get = (url: string, path: string, headers = '') =>
    `GET ${path} HTTP/1.1\r\nhost: ${new URL(url).host}\r\n${headers}\r\n`;

  it('has so long for its headers and no longer, however it spends the time', async () => {
    await using server = await open({ headersMs: 200, requestMs: 60_000 });
    const { socket, closed } = await openConnection(server.url, 'GET /v1/me HTTP/1.1\r\n');
    const dripping = setInterval(() => socket.write('x-drip: 1\r\n'), 20);
    expect(await closed).toMatch(/^HTTP\/1\.1 408 /);
    clearInterval(dripping);
  });

  it('has so long for its body and no longer, however it spends the time', async () => {
    await using server = await open({ headersMs: 200, requestMs: 400 });
    const { host } = new URL(server.url);
    const head = `${postHead(host, '/oauth/revoke')}content-length: 9000\r\n\r\n`;
    const { socket, closed } = await openConnection(server.url, head);
    const dripping = setInterval(() => socket.write('x'), 20);
    expect(await closed).toMatch(/^HTTP\/1\.1 408 /);
    clearInterval(dripping);
    expect(server.errors).toEqual([]);
  });

  it('is closed when nothing came after an answer', async () => {
    await using server = await open({ keepAliveMs: 100 });
    const { closed } = await openConnection(server.url, get(server.url, '/v1/me'));
    expect(await closed).toMatch(/^HTTP\/1\.1 401 /);
  });

  it('is closed when its client asks and then does not read', async () => {
    await using server = await open({ silentMs: 300 });
    const questions = get(server.url, '/assets/none').repeat(40_000);
    const connections = await hear(server.url);
    await until('alone', async () => (await connections()) === 0);
    const { hostname, port } = new URL(server.url);
    const socket = connect({ host: hostname, port: Number(port) });
    socket.pause();
    socket.on('error', () => {});
    socket.write(questions);
    await until('closed', async () => (await connections()) === 0);
    socket.destroy();
  });

  it('is refused when there are too many, and let in when one has left', async () => {
    await using server = await open({ mostConnections: 3, headersMs: 60_000, requestMs: 60_000 });
    const first = await openSlow(server.url, 3);
    const question = get(server.url, '/v1/me', 'connection: close\r\n');
    expect(await exchange(server.url, question)).toBe('');
    first[0]?.socket.destroy();
    await until('let in', async () => (await exchange(server.url, question)).startsWith('HTTP/1.1 401'));
    for (const { socket } of first) socket.destroy();
  });

  it.each([
    ['content-length: 5000', 'token='],
    ['transfer-encoding: chunked', '5\r\ntoken\r\n'],
    ['transfer-encoding: chunked', '5\r\ntoken\r\nzz\r\n'],
  ])(
    'is nobody’s to be told of when its client hangs up, or talks nonsense, in the middle: %s',
    async (length, body) => {
      await using server = await open();
      const { host } = new URL(server.url);
      for (const path of ['/oauth/revoke', '/oauth/token', '/device/code', '/login', '/v1/requests']) {
        const { socket, closed } = await openConnection(
          server.url,
          `${postHead(host, path)}${length}\r\n\r\n${body}`,
        );
        socket.end();
        await closed;
      }
      // What comes after is answered, and by then the server has seen the others leave.
      for (let index = 0; index < 5; index += 1) await fetch(`${server.url}/device`);
      expect(server.errors).toEqual([]);
    },
  );

  it.each([
    ['one that says two lengths', 'content-length: 5\r\ncontent-length: 6\r\n\r\nhello'],
    [
      'one that says a length and comes in pieces',
      'content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a length that is none', 'content-length: 5x\r\n\r\nhello'],
    ['a length below nothing', 'content-length: -5\r\n\r\nhello'],
    ['a piece of a size that is none', 'transfer-encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n'],
    ['a header with a line that goes on', 'x-long: a\r\n b\r\n\r\n'],
    ['a header without a name', ': nothing\r\n\r\n'],
  ])('is refused with %s', async (_, rest) => {
    await using server = await open({ headersMs: 300, requestMs: 300 });
    const { host } = new URL(server.url);
    expect(await exchange(server.url, postHead(host, '/oauth/revoke') + rest)).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(server.errors).toEqual([]);
  });
});
