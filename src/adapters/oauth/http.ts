import type { ClientRequest, IncomingMessage } from 'node:http';
import { fail } from '../../core/errors.ts';
import type { Http, HttpAnswer, HttpCall } from '../../core/ports/http.ts';
import { mapHttpError } from './http-errors.ts';
import { requireSecureUrl } from './secure-url.ts';

export type HttpLimits = {
  /** For a whole exchange that does not bring its own. */
  readonly timeoutMs: number;
  readonly maxBodyBytes: number;
};

const LIMITS: HttpLimits = { timeoutMs: 10_000, maxBodyBytes: 1024 * 1024 };

/**
 * HTTP over Node's own modules: the first `fetch` of a process costs several times as much to load. One connection an
 * exchange, so that nothing is left open when the program wants to end.
 */
export function createHttp(limits: Partial<HttpLimits> = {}): Http {
  const all = { ...LIMITS, ...limits };
  return { send: (call) => exchange(call, all) };
}

async function exchange(call: HttpCall, limits: HttpLimits): Promise<HttpAnswer> {
  const url = requireSecureUrl(call.url);
  const address = url.origin;
  const timeout = AbortSignal.timeout(call.timeoutMs ?? limits.timeoutMs);
  const signal = call.signal ? AbortSignal.any([call.signal, timeout]) : timeout;
  try {
    signal.throwIfAborted();
    const response = await open({ call, url, signal });
    try {
      const headers = flatten(response);
      requireReadable({ status: response.statusCode ?? 0, headers, address });
      const body = await readBody(response, { address, maxBytes: call.maxBodyBytes ?? limits.maxBodyBytes });
      return { status: response.statusCode ?? 0, headers, body };
    } finally {
      response.destroy();
    }
  } catch (error) {
    throw mapHttpError(error, { address, signal });
  }
}

type Opening = { readonly call: HttpCall; readonly url: URL; readonly signal: AbortSignal };

async function open(opening: Opening): Promise<IncomingMessage> {
  const { request } = await (opening.url.protocol === 'https:' ? import('node:https') : import('node:http'));
  const { call, url, signal } = opening;
  const headers = { 'accept-encoding': 'identity', ...call.headers };
  const outgoing = request(url, { method: call.method, headers, agent: false, signal });
  outgoing.end(call.body);
  return awaitResponse(outgoing);
}

function awaitResponse(outgoing: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.once('response', resolve);
    // Stays on: an error after the response has begun is reported by the response too, and must not go unhandled here.
    outgoing.on('error', reject);
    outgoing.once('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
  });
}

function flatten(response: IncomingMessage): Readonly<Record<string, string>> {
  const headers: [string, string][] = [];
  for (const [name, value] of Object.entries(response.headers)) {
    if (typeof value === 'string') headers.push([name, value]);
  }
  return Object.fromEntries(headers);
}

function requireReadable(answer: Omit<HttpAnswer, 'body'> & { readonly address: string }): void {
  const { status, headers, address } = answer;
  if (status >= 300 && status < 400) throw fail('bad_answer', { address, why: 'it redirects elsewhere' });
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') throw fail('bad_answer', { address, why: 'it is compressed' });
}

async function readBody(
  response: IncomingMessage,
  options: { readonly address: string; readonly maxBytes: number },
): Promise<string> {
  const { address, maxBytes } = options;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw fail('bad_answer', { address, why: `it is larger than ${maxBytes} bytes` });
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch (error) {
    throw fail('bad_answer', { address, why: 'it is not UTF-8 text' }, error);
  }
}
