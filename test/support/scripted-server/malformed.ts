import { gzipSync } from 'node:zlib';
import { CLAIMED } from './api.ts';
import { type Reply, reset, silence } from './server.ts';

export const CLAIM = '/v1/requests/req_1/claim';
export const GOOD = JSON.stringify(CLAIMED);
export const json = { 'content-type': 'application/json' };

export type Case = readonly [name: string, reply: Reply];

/** The bytes as they go over the connection, head and all. */
function raw(...lines: readonly string[]): Reply {
  return (response) => response.socket?.end(lines.join('\r\n'));
}

export function asJson(body: string | Uint8Array): Reply {
  return { headers: json, body };
}

export const bodies: readonly Case[] = [
  ['nothing', asJson('')],
  ['blanks', asJson('  \n ')],
  ['null', asJson('null')],
  ['true', asJson('true')],
  ['a number', asJson('7')],
  ['text', asJson('"req_1"')],
  ['an empty list', asJson('[]')],
  ['an empty object', asJson('{}')],
  ['the answer in a list', asJson(`[${GOOD}]`)],
  ['the answer as text', asJson(JSON.stringify(GOOD))],
  ['half the answer', asJson(GOOD.slice(0, GOOD.length / 2))],
  ['the answer without its end', asJson(GOOD.slice(0, -1))],
  ['the answer twice', asJson(GOOD + GOOD)],
  ['the answer and a byte more', asJson(`${GOOD}x`)],
  ['single quotes', asJson(GOOD.replaceAll('"', "'"))],
  ['a comment', asJson(`/* hello */${GOOD}`)],
  ['a trailing comma', asJson(GOOD.replace(/}$/, ',}'))],
  ['NaN', asJson(GOOD.replace('1800', 'NaN'))],
  ['a control character', asJson(GOOD.replace('orders', 'or\u0007ders'))],
  ['bytes that are no UTF-8', asJson(Buffer.from([0x7b, 0xff, 0xfe, 0x7d]))],
  ['UTF-16', asJson(Buffer.from(GOOD, 'utf16le'))],
  ['YAML', asJson('request:\n  id: req_1\n')],
  ['XML', { headers: { 'content-type': 'application/xml' }, body: '<claimed/>' }],
  ['a page', { headers: { 'content-type': 'text/html' }, body: '<!doctype html><title>Log in</title>' }],
  ['a page that says it is JSON', asJson('<!doctype html><title>Log in</title>')],
  ['JSON that says it is a page', { headers: { 'content-type': 'text/html' }, body: GOOD }],
  ['JSON that says it is text', { headers: { 'content-type': 'text/plain' }, body: GOOD }],
  ['JSON that says nothing', { body: GOOD }],
  ['JSON lines', { headers: { 'content-type': 'application/jsonl' }, body: GOOD }],
  ['a million brackets', asJson('['.repeat(1_000_000))],
  ['two megabytes', asJson(`{"token":"${'a'.repeat(2 * 1024 * 1024)}"}`)],
  ['two megabytes of blanks before it', asJson(' '.repeat(2 * 1024 * 1024) + GOOD)],
  ['gzip', { headers: { ...json, 'content-encoding': 'gzip' }, body: gzipSync(GOOD) }],
  ['gzip that does not say so', asJson(gzipSync(GOOD))],
  ['__proto__ in place of everything', asJson(`{"__proto__":${GOOD}}`)],
  ['constructor in place of everything', asJson(`{"constructor":{"prototype":${GOOD}}}`)],
  ['a prototype in place of the grant', asJson(GOOD.replace('"grant":', '"__proto__":'))],
];

export const statuses: readonly Case[] = [
  ...[203, 206, 207, 299].map((status) => [`HTTP ${status}`, { status, headers: json, body: GOOD }] as const),
  ...[204, 205].map((status) => [`HTTP ${status}`, { status }] as const),
  ...[301, 302, 303, 307, 308].map(
    (status) => [`a redirect ${status}`, { status, headers: { location: `${CLAIM}/elsewhere` } }] as const,
  ),
  ['HTTP 304', { status: 304 }],
  ['HTTP 300 with a body', { status: 300, headers: json, body: GOOD }],
  ...[400, 401, 403, 404, 405, 410, 418, 429, 451, 500, 501].map(
    (status) => [`HTTP ${status} without a word`, { status }] as const,
  ),
  ...[400, 500].map(
    (status) => [`HTTP ${status} with the answer`, { status, headers: json, body: GOOD }] as const,
  ),
  [
    'HTTP 403 as a page',
    { status: 403, headers: { 'content-type': 'text/html' }, body: '<h1>Forbidden</h1>' },
  ],
  ['a problem without a code', { status: 403, headers: json, body: '{"detail":"no"}' }],
  ['a problem without a detail', { status: 403, headers: json, body: '{"code":"denied"}' }],
  [
    'a problem with a code that is a list',
    { status: 403, headers: json, body: '{"code":["denied"],"detail":"no"}' },
  ],
  [
    'a problem that is endless',
    { status: 403, headers: json, body: `{"code":"denied","detail":"${'n'.repeat(9_000)}"}` },
  ],
  [
    'a problem in a prototype',
    { status: 403, headers: json, body: '{"__proto__":{"code":"denied","detail":"no"}}' },
  ],
];

export const exchanges: readonly Case[] = [
  ['a closed connection', reset],
  ['silence', silence],
  ['no HTTP at all', raw('SSH-2.0-OpenSSH_9.2', '')],
  ['half a head', raw('HTTP/1.1 200 OK', 'content-ty')],
  ['a status that is no number', raw('HTTP/1.1 OK 200', '', GOOD)],
  ['a status of 99', raw('HTTP/1.1 99 Odd', 'content-length: 0', '', '')],
  [
    'a status of 999',
    raw('HTTP/1.1 999 Odd', 'content-type: application/json', 'content-length: 2', '', '{}'),
  ],
  ['a switch of protocols', raw('HTTP/1.1 101 Switching', 'upgrade: x', 'connection: upgrade', '', GOOD)],
  [
    'less than its length',
    raw('HTTP/1.1 200 OK', 'content-type: application/json', 'content-length: 9999', '', GOOD),
  ],
  [
    'more than its length',
    raw('HTTP/1.1 200 OK', 'content-type: application/json', 'content-length: 20', '', GOOD),
  ],
  ['a length that is no number', raw('HTTP/1.1 200 OK', 'content-length: many', '', GOOD)],
  ['two lengths', raw('HTTP/1.1 200 OK', 'content-length: 2', 'content-length: 900', '', GOOD)],
  [
    'a length and chunks',
    raw('HTTP/1.1 200 OK', 'content-length: 5', 'transfer-encoding: chunked', '', '0', '', ''),
  ],
  ['a chunk that is cut off', raw('HTTP/1.1 200 OK', 'transfer-encoding: chunked', '', 'ff', '{"tok')],
  ['a chunk of no size', raw('HTTP/1.1 200 OK', 'transfer-encoding: chunked', '', 'zz', GOOD, '0', '', '')],
  ['a head that does not end', raw('HTTP/1.1 200 OK', `x-long: ${'a'.repeat(200_000)}`, '', GOOD)],
  [
    'a thousand headers',
    raw('HTTP/1.1 200 OK', ...Array.from({ length: 9_000 }, (_, n) => `x-${n}: a`), '', '{}'),
  ],
  [
    'a body that drips',
    (response) => {
      response.writeHead(200, json).write('{"request":');
    },
  ],
];

/** Every leaf and branch of the answer in turn, as something that it cannot be. */
export function mutate(): readonly Case[] {
  const paths = listPaths(CLAIMED, []);
  return paths.flatMap((path) =>
    [{ odd: true }, 'missing'].map((wrong) => {
      const copy = structuredClone<object>(CLAIMED);
      const parent = path.slice(0, -1).reduce<object>((at, key) => Reflect.get(at, key), copy);
      const key = path.at(-1) ?? '';
      if (wrong === 'missing') Reflect.deleteProperty(parent, key);
      else Reflect.set(parent, key, wrong);
      const name = `${path.join('.')} ${wrong === 'missing' ? 'missing' : 'as an object'}`;
      return [name, asJson(JSON.stringify(copy))] as const;
    }),
  );
}

function listPaths(value: object, at: readonly string[]): readonly (readonly string[])[] {
  return Object.entries(value).flatMap(([key, child]) => {
    const path = [...at, key];
    const isBranch = typeof child === 'object' && child !== null && !Array.isArray(child);
    // Those two are maps and optional in every member.
    if (key === 'environment' || key === 'secret_environment') return [];
    return isBranch ? [path, ...listPaths(child, path)] : [path];
  });
}

export const values: readonly Case[] = (
  [
    ['an id of another kind', '"id":"gr_1"', '"id":"req_1"'],
    ['an id with a path', '"id":"gr_1"', '"id":"gr_../../x"'],
    ['a state nobody knows', '"state":"active"', '"state":"excellent"'],
    ['a time without a zone', '2026-11-21T12:30:00Z', '2026-11-21T12:30:00'],
    ['a time that never is', '2026-11-21T12:30:00Z', '2026-13-41T12:30:00Z'],
    ['a time as a number', '"2026-11-21T12:30:00Z"', '1795264200'],
    ['a duration below nothing', '"duration_seconds":1800', '"duration_seconds":-1'],
    ['half a second', '"duration_seconds":1800', '"duration_seconds":0.5'],
    ['a duration beyond number', '"duration_seconds":1800', '"duration_seconds":1e999'],
    ['a duration as text', '"duration_seconds":1800', '"duration_seconds":"1800"'],
    ['a reason without end', 'INC-4211 slow checkout', 'a'.repeat(5_000)],
    ['a token without end', 'grant-token', 'a'.repeat(40_000)],
    ['a variable that runs code', '"PGHOST"', '"LD_PRELOAD"'],
    ['a variable of jit', '"PGHOST"', '"JIT_CONFIG_DIR"'],
    ['a variable that is no name', '"PGHOST"', '"PG HOST=x"'],
    ['a file variable that runs code', '"PGPASSFILE"', '"BASH_ENV"'],
    ['a removal of PATH', '"PGSERVICE"', '"PATH"'],
  ] as const
).map(([name, from, to]) => [name, asJson(GOOD.replace(from, to))] as const);
