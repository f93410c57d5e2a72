import type { ServerResponse } from 'node:http';

/** What one path answers: a status and a body, or whatever is done with the response. */
export type Answer = {
  readonly status?: number;
  readonly type?: string;
  readonly body: string | Buffer | object;
};
export type Act = (response: ServerResponse) => void;

export function sendAnswer(response: ServerResponse, answer: Answer | Act): void {
  if (typeof answer === 'function') {
    answer(response);
    return;
  }
  const { status = 200, type = 'application/json', body } = answer;
  const isText = typeof body === 'string' || Buffer.isBuffer(body);
  response.writeHead(status, { 'content-type': type }).end(isText ? body : JSON.stringify(body));
}

/** Broken in every way that does not depend on what is asked. */
export const BROKEN: readonly (readonly [string, Answer | Act])[] = [
  ['nothing', { body: '' }],
  ['HTML', { type: 'text/html', body: '<!doctype html><title>Maintenance</title>' }],
  ['HTML that says it is JSON', { body: '<html>' }],
  ['half a document', { body: '{"issuer": "ht' }],
  ['null', { body: 'null' }],
  ['a list', { body: '[]' }],
  ['a number', { body: '7' }],
  ['a text', { body: '"well"' }],
  ['an empty object', { body: {} }],
  ['bytes that are no UTF-8', { body: Buffer.from([0x7b, 0xff, 0xfe, 0x7d]) }],
  ['a document that is too large', { body: `{"x": "${'x'.repeat(150_000)}"}` }],
  ['a document nested very deep', { body: '['.repeat(40_000) }],
  ['a prototype', { body: '{"__proto__": {"issuer": "x", "access_token": "x", "keys": []}}' }],
  ['a redirect', (response) => response.writeHead(302, { location: '/elsewhere' }).end()],
  ['an error of its own', { status: 500, body: { error: 'server_error' } }],
  ['a status without a body', { status: 204, body: '' }],
  ['not found', { status: 404, type: 'text/plain', body: 'not found' }],
  ['a teapot', { status: 418, body: {} }],
  ['packed bytes', (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('x')],
  ['a closed connection', (response) => response.socket?.destroy()],
  [
    'half a body',
    (response) => {
      response.writeHead(200, { 'content-length': '99' }).write('{');
      response.socket?.end();
    },
  ],
  ['silence', () => undefined],
  [
    'a body that never ends',
    (response) => {
      response.writeHead(200).write('{');
    },
  ],
];
