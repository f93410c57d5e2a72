import { fail, JitError } from '../../core/errors.ts';
import { OUTGOING_BODY_BYTES, OUTGOING_HEAD_TIMEOUT_MS, OUTGOING_TIMEOUT_MS } from '../../core/limits.ts';
import type { Outgoing, OutgoingCall } from '../../core/ports/outgoing.ts';
import { exchange } from './exchange.ts';
import { createResolve, type Lookup, lookUpAll } from './resolve.ts';

export type OutgoingOptions = {
  /** Configured addresses. Their origins are all that may be called: scheme, host and port. */
  readonly urls: readonly string[];
  /** `outgoing.allow` of the configuration. */
  readonly allow: readonly string[];
  /** For a whole exchange, looking up the name included. */
  readonly timeoutMs?: number;
  readonly headTimeoutMs?: number;
  readonly maxBodyBytes?: number;
  readonly lookUp?: Lookup;
};

/** How jit speaks on a connection is its own affair, whatever the caller says. */
const OWN_HEADERS = ['host', 'connection', 'content-length', 'transfer-encoding', 'te', 'upgrade', 'expect'];

/**
 * HTTP to systems that the configuration names, and to nothing else (INP-02): no redirects, no proxy, no compression, TLS
 * always verified, addresses judged after resolution and connected to as judged.
 */
export function createOutgoing(options: OutgoingOptions): Outgoing {
  const origins = new Set(options.urls.map((url) => new URL(url).origin));
  const resolve = createResolve({ lookUp: options.lookUp ?? lookUpAll, allow: options.allow });
  return async (address, call = {}) => {
    const url = requireConfigured(address, origins);
    const timeout = AbortSignal.timeout(options.timeoutMs ?? OUTGOING_TIMEOUT_MS);
    const signal = call.signal ? AbortSignal.any([call.signal, timeout]) : timeout;
    try {
      const body = readBody(call.body);
      return await exchange({
        url,
        method: (call.method ?? 'GET').toUpperCase(),
        headers: buildHeaders(call, body),
        body: body?.bytes,
        addresses: await race(resolve(url), signal),
        signal,
        headTimeoutMs: options.headTimeoutMs ?? OUTGOING_HEAD_TIMEOUT_MS,
        maxBodyBytes: options.maxBodyBytes ?? OUTGOING_BODY_BYTES,
      });
    } catch (error) {
      throw mapError(error, { origin: url.origin, signal });
    }
  };
}

function requireConfigured(address: string, origins: ReadonlySet<string>): URL {
  const url = URL.parse(address);
  if (url && origins.has(url.origin) && url.username === '' && url.password === '') return url;
  // The address may hold what is nobody's business: only its origin is said.
  throw fail('unreachable', {
    address: url?.origin ?? 'that address',
    why: 'the configuration does not name it',
  });
}

type Body = { readonly bytes: Uint8Array; readonly type: string | undefined };

function readBody(body: unknown): Body | undefined {
  if (body === undefined || body === null) return undefined;
  if (typeof body === 'string') return { bytes: Buffer.from(body), type: undefined };
  if (body instanceof URLSearchParams) {
    return { bytes: Buffer.from(String(body)), type: 'application/x-www-form-urlencoded;charset=UTF-8' };
  }
  if (body instanceof Uint8Array) return { bytes: body, type: undefined };
  if (body instanceof ArrayBuffer) return { bytes: new Uint8Array(body), type: undefined };
  throw new TypeError('a body like this cannot be sent');
}

function buildHeaders(call: OutgoingCall, body: Body | undefined): Headers {
  const headers = new Headers(call.headers as Record<string, string>);
  for (const name of OWN_HEADERS) headers.delete(name);
  headers.set('accept-encoding', 'identity');
  if (body) headers.set('content-length', String(body.bytes.length));
  if (body?.type !== undefined && !headers.has('content-type')) headers.set('content-type', body.type);
  return headers;
}

/** Looking up a name cannot be interrupted; waiting for it can. */
async function race<T>(running: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    running.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

type Failing = { readonly origin: string; readonly signal: AbortSignal };

function mapError(error: unknown, { origin, signal }: Failing): JitError {
  if (signal.aborted) {
    const isLate = signal.reason?.name === 'TimeoutError';
    return fail('unreachable', { address: origin, why: isLate ? 'timed out' : 'interrupted' });
  }
  if (error instanceof JitError) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  // No cause and no message without a code: what is wrong with a header is said with the header.
  if (typeof code !== 'string' || code.startsWith('HPE_') || code.startsWith('ERR_')) {
    return fail('unreachable', { address: origin, why: `the exchange failed (${code ?? 'bad call'})` });
  }
  return fail('unreachable', { address: origin, why: `the connection failed (${code})` }, error);
}
