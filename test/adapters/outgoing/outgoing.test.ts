import type { LookupAddress } from 'node:dns';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOutgoing, type OutgoingOptions } from '../../../src/adapters/outgoing/outgoing.ts';
import type { Outgoing } from '../../../src/core/ports/outgoing.ts';
import { type ScriptedServer, silence, startScriptedServer } from '../../support/scripted-server/server.ts';

let server: ScriptedServer;

beforeEach(async () => {
  server = await startScriptedServer();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

const LOOPBACK: LookupAddress = { address: '127.0.0.1', family: 4 };

function open(options: Partial<OutgoingOptions> = {}): Outgoing {
  return createOutgoing({ urls: [server.url], allow: [], ...options });
}

/** The scripted server under a name that no resolver knows. */
function named(): string {
  return server.url.replace('127.0.0.1', 'hooks.example.com');
}

/** A call to that name, which the resolver answers like this, one answer a look-up. */
function callNamed(answers: readonly (readonly LookupAddress[])[], allow: readonly string[] = []) {
  const left = [...answers];
  const asked: string[] = [];
  const lookUp = async (host: string) => {
    asked.push(host);
    return left.shift() ?? [];
  };
  const call = createOutgoing({ urls: [named()], allow, lookUp });
  return { send: () => call(`${named()}/x`), asked };
}

describe('INP-02: an outgoing call', () => {
  it('sends what it was given to a configured host, and gives back the whole answer', async () => {
    server.on('/x', { status: 418, headers: { 'x-kind': 'tea' }, body: 'perché no' });
    const answer = await open()(`${server.url}/x?y=1`, {
      method: 'post',
      headers: { 'X-Own': 'yes', host: 'elsewhere.example.com', 'accept-encoding': 'gzip' },
      body: 'più',
    });
    expect([answer.status, answer.headers.get('x-kind'), await answer.text()]).toEqual([
      418,
      'tea',
      'perché no',
    ]);
    const [call] = server.calls;
    expect(call).toMatchObject({ method: 'POST', url: '/x?y=1', body: 'più' });
    expect(call?.headers).toMatchObject({
      host: new URL(server.url).host,
      'x-own': 'yes',
      'accept-encoding': 'identity',
      'content-length': '4',
      connection: 'close',
    });
  });

  it('sends a form as a form', async () => {
    server.on('/x', {});
    await open()(`${server.url}/x`, { method: 'POST', body: new URLSearchParams({ a: 'b c' }) });
    expect(server.calls[0]).toMatchObject({
      body: 'a=b+c',
      headers: { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' },
    });
  });

  it.each([
    ['another host', () => 'http://127.0.0.2/x'],
    ['another port', () => 'http://127.0.0.1:1/x'],
    ['another scheme', () => `${server.url.replace('http', 'https')}/x`],
    ['another spelling of the same machine', () => server.url.replace('127.0.0.1', 'localhost')],
    ['credentials', () => server.url.replace('//', '//user:password@')],
    ['a file', () => 'file:///etc/passwd'],
    ['no address', () => 'hooks'],
  ])('refuses %s', async (_what, url) => {
    await expect(open()(url())).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/^((?!password).)*: the configuration does not name it$/),
    });
    expect(server.calls).toEqual([]);
  });

  it('follows no redirect', async () => {
    server.on('/x', { status: 307, headers: { location: '/secret' } });
    server.on('/secret', {});
    expect((await open()(`${server.url}/x`)).status).toBe(307);
    expect(server.callsTo('/secret')).toEqual([]);
  });

  it('takes an answer up to its limit and not a byte more', async () => {
    server.on('/x', { body: 'a'.repeat(100) });
    const answer = await open({ maxBodyBytes: 100 })(`${server.url}/x`);
    expect(await answer.text()).toHaveLength(100);
    await expect(open({ maxBodyBytes: 99 })(`${server.url}/x`)).rejects.toMatchObject({
      message: `${server.url} was not reached: its answer is larger than 99 bytes`,
    });
  });

  it('takes no compressed answer, whatever it would unpack to', async () => {
    server.on('/x', { headers: { 'content-encoding': 'gzip' }, body: gzipSync('a'.repeat(1e6)) });
    await expect(open()(`${server.url}/x`)).rejects.toThrow('its answer is compressed');
  });

  it('ends when the head does not come, when the rest does not come, and when the caller says so', async () => {
    server.on('/head', silence);
    server.on('/body', (response) => void response.writeHead(200).write('a'));
    await expect(open({ headTimeoutMs: 50 })(`${server.url}/head`)).rejects.toThrow(
      'did not begin to answer',
    );
    const slow = open({ timeoutMs: 100 })(`${server.url}/body`);
    await expect(slow).rejects.toThrow('timed out');
    const interrupt = new AbortController();
    const running = open()(`${server.url}/body`, { signal: interrupt.signal });
    interrupt.abort();
    await expect(running).rejects.toThrow('interrupted');
  });

  it('ends when the name is never resolved', async () => {
    const call = open({ timeoutMs: 50, lookUp: () => new Promise(() => undefined) });
    await expect(call(`${server.url}/x`)).rejects.toThrow('timed out');
  });

  it('an answer that breaks off is none', async () => {
    server.on('/x', (response) => {
      response.writeHead(200, { 'content-length': '10' });
      response.write('a', () => response.destroy());
    });
    await expect(open()(`${server.url}/x`)).rejects.toMatchObject({ code: 'unreachable' });
  });

  it('a line break in a header is refused, and not repeated in the error', async () => {
    const call = open()(`${server.url}/x`, { headers: { authorization: 'Bearer s3cret\r\nhost: evil' } });
    const error = await call.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'unreachable' });
    expect(inspect(error)).not.toContain('s3cret');
    expect(server.calls).toEqual([]);
  });
});

describe('INP-02: addresses are judged after resolution', () => {
  const refused: readonly [string, readonly LookupAddress[]][] = [
    ['the metadata service', [{ address: '169.254.169.254', family: 4 }]],
    ['the metadata service, mapped into IPv6', [{ address: '::ffff:169.254.169.254', family: 6 }]],
    ['loopback', [LOOPBACK]],
    ['a private address', [{ address: '10.0.0.7', family: 4 }]],
    [
      'a public and a private address',
      [
        { address: '93.184.215.14', family: 4 },
        { address: 'fd00::1', family: 6 },
      ],
    ],
    ['nothing', []],
  ];

  it.each(refused)('a name that leads to %s is not called', async (_what, addresses) => {
    const { send } = callNamed([addresses]);
    await expect(send()).rejects.toMatchObject({ code: 'unreachable' });
    expect(server.calls).toEqual([]);
  });

  it('a private address that the configuration allows is called; its metadata service never is', async () => {
    server.on('/x', {});
    const allow = ['127.0.0.0/8', '169.254.0.0/16'];
    const { send } = callNamed([[LOOPBACK], [{ address: '169.254.169.254', family: 4 }]], allow);
    expect((await send()).status).toBe(200);
    await expect(send()).rejects.toThrow('no address of another system');
  });

  it('a name that is answered differently the next time is connected to as it was judged', async () => {
    server.on('/x', {});
    const { send, asked } = callNamed(
      [[LOOPBACK], [{ address: '169.254.169.254', family: 4 }]],
      ['127.0.0.1'],
    );
    // Nothing but the judged answer can lead here: no resolver knows this name.
    expect((await send()).status).toBe(200);
    expect(asked).toEqual(['hooks.example.com']);
  });

  it('localhost is this machine, and not wherever a resolver says', async () => {
    const url = server.url.replace('127.0.0.1', 'localhost');
    const lookUp = async () => [{ address: '192.168.1.1', family: 4 }];
    await expect(createOutgoing({ urls: [url], allow: [], lookUp })(url)).rejects.toThrow(
      '192.168.1.1 is private',
    );
  });
});
