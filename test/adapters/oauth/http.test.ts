import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHttp } from '../../../src/adapters/oauth/http.ts';
import { mapHttpError } from '../../../src/adapters/oauth/http-errors.ts';
import { isLoopback } from '../../../src/adapters/oauth/secure-url.ts';
import type { HttpAnswer } from '../../../src/core/ports/http.ts';
import { type ScriptedServer, silence, startScriptedServer } from '../../support/scripted-server/server.ts';

let server: ScriptedServer;

beforeEach(async () => {
  server = await startScriptedServer();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

function get(path: string, signal?: AbortSignal): Promise<HttpAnswer> {
  return createHttp({ timeoutMs: 2_000 }).send({
    method: 'GET',
    url: server.url + path,
    headers: {},
    signal,
  });
}

describe('an HTTP exchange', () => {
  it('sends what it was given and gives back status, headers and text', async () => {
    server.on('/x', { status: 418, headers: { 'X-Kind': 'tea' }, body: 'perché no' });
    const http = createHttp();
    const headers = { 'content-type': 'text/plain' };
    const answer = await http.send({ method: 'POST', url: `${server.url}/x?y=1`, headers, body: 'più' });
    expect(answer).toMatchObject({ status: 418, headers: { 'x-kind': 'tea' }, body: 'perché no' });
    const [call] = server.calls;
    expect(call).toMatchObject({ method: 'POST', url: '/x?y=1', body: 'più' });
    expect(call?.headers).toMatchObject({ 'content-length': '4', connection: 'close' });
  });

  it('takes a body up to its limit and not a byte more', async () => {
    server.on('/x', { body: 'a'.repeat(100) });
    const call = { method: 'GET', url: `${server.url}/x`, headers: {} } as const;
    expect((await createHttp({ maxBodyBytes: 100 }).send(call)).body).toHaveLength(100);
    await expect(createHttp({ maxBodyBytes: 99 }).send(call)).rejects.toMatchObject({ code: 'bad_answer' });
  });

  it('ends at the time-out of the call, whether before the head or in the body', async () => {
    server.on('/head', silence);
    server.on('/body', (response) => void response.writeHead(200).write('a'));
    for (const path of ['/head', '/body']) {
      const call = { method: 'GET', url: server.url + path, headers: {}, timeoutMs: 100 } as const;
      const failed = { code: 'unreachable', message: `${server.url} was not reached: timed out` };
      await expect(createHttp().send(call)).rejects.toMatchObject(failed);
    }
  });

  it('ends when it is interrupted, and does not begin when it was before', async () => {
    server.on('/x', silence);
    const interrupt = new AbortController();
    const running = get('/x', interrupt.signal);
    await server.arrival('/x');
    interrupt.abort();
    await expect(running).rejects.toMatchObject({ code: 'interrupted' });
    await expect(get('/x', interrupt.signal)).rejects.toMatchObject({ code: 'interrupted' });
    expect(server.calls).toHaveLength(1);
  });

  it('does not follow a redirect, and does not name where it leads', async () => {
    server.on('/x', { status: 302, headers: { location: `${server.url}/canary` } });
    const failed: unknown = await get('/x').catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: 'bad_answer' });
    expect(inspect(failed, { depth: 9 })).not.toContain('canary');
    expect(server.calls).toHaveLength(1);
  });

  it('says that a server without TLS does not speak it', async () => {
    const call = { method: 'GET', url: server.url.replace('http:', 'https:'), headers: {} } as const;
    await expect(createHttp().send(call)).rejects.toThrow('it does not speak TLS');
  });

  it.each(['http://jit.example.com/x', 'http://192.168.0.1/', 'http://localhost.example.com/'])(
    'DEV-09: is refused for %s',
    async (url) => {
      const sent = createHttp().send({ method: 'GET', url, headers: {} });
      await expect(sent).rejects.toMatchObject({ code: 'insecure_server', exitCode: 2 });
    },
  );

  it.each(['ftp://127.0.0.1/', 'file:///etc/passwd', 'jit.example.com', ''])(
    'is refused for %j',
    async (url) => {
      const sent = createHttp().send({ method: 'GET', url, headers: {} });
      await expect(sent).rejects.toMatchObject({ code: 'usage' });
    },
  );
});

describe('loopback', () => {
  it.each([
    ['http://localhost:7420', true],
    ['http://127.0.0.1', true],
    ['http://127.9.9.9', true],
    ['http://0x7f.1', true],
    ['http://[::1]:80', true],
    ['http://[0:0:0:0:0:0:0:1]', true],
    ['http://0.0.0.0', false],
    ['http://localhost.', false],
    ['http://127.0.0.1.nip.io', false],
    ['http://[::ffff:10.0.0.1]', false],
    ['http://user@10.0.0.1', false],
  ])('DEV-09: %s is it: %s', (address, expected) => {
    expect(isLoopback(new URL(address))).toBe(expected);
  });
});

describe('what stood in the way', () => {
  it.each([
    ['ECONNREFUSED', 'connection refused'],
    ['ENOTFOUND', 'name not found'],
    ['ETIMEDOUT', 'timed out'],
    ['CERT_HAS_EXPIRED', 'certificate not trusted (cert has expired)'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'certificate not trusted (depth zero self signed cert)'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'certificate not trusted (cert altname invalid)'],
    ['EODD', 'the connection failed (EODD)'],
  ])('is said in words for %s', (code, words) => {
    const cause = Object.assign(new Error(code), { code });
    const mapped = mapHttpError(cause, { address: 'https://x', signal: new AbortController().signal });
    expect(mapped).toMatchObject({
      code: 'unreachable',
      cause,
      message: `https://x was not reached: ${words}`,
    });
  });
});
