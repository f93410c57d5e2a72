import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { fail } from '../../core/errors.ts';
import { SECOND_MS } from '../../core/time.ts';
import { CALLBACK_HEADERS, type CallbackPage, renderCallbackPage } from './callback-page.ts';

const PATH = '/callback';
const HEADER_LIMIT_BYTES = 16_384;
const REQUEST_TIMEOUT_MS = 5 * SECOND_MS;
const MOST_CONNECTIONS = 64;

/** The one answer that the login waited for. It is told how it went, because only then its page can say so. */
export type Callback = {
  readonly url: URL;
  readonly answer: (page: CallbackPage) => void;
};

/** A loopback port for one login (RFC 8252 §7.3). */
export type CallbackListener = {
  readonly redirectUri: string;
  readonly received: Promise<Callback>;
  /** Lets the answer be sent, and then nobody is there any more. */
  readonly close: () => Promise<void>;
};

/**
 * Waits for the first request that has the state, which only the browser knows that was sent out with it. Whoever else
 * calls changes nothing: another program, a page elsewhere, the same address once more.
 */
export async function openCallbackListener(state: string): Promise<CallbackListener> {
  const { promise: received, resolve } = Promise.withResolvers<Callback>();
  let isTaken = false;
  const server = createServer({
    maxHeaderSize: HEADER_LIMIT_BYTES,
    headersTimeout: REQUEST_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
  });
  server.maxConnections = MOST_CONNECTIONS;
  const origin = await listen(server);
  server.on('request', (request, response) => {
    const judged = judgeCallback(request, { origin, state });
    if (typeof judged === 'string' || isTaken) {
      send(response, typeof judged === 'string' ? judged : 'foreign');
      return;
    }
    isTaken = true;
    resolve({ url: judged, answer: (page) => send(response, page) });
  });
  return { redirectUri: `${origin}${PATH}`, received, close: () => close(server) };
}

/** The address as it was called, or the page for whoever called another one. */
export function judgeCallback(
  request: Pick<IncomingMessage, 'method' | 'url' | 'headers'>,
  expected: { readonly origin: string; readonly state: string },
): URL | CallbackPage {
  const url = URL.parse(request.url ?? '', expected.origin);
  const isOurs = url?.origin === expected.origin && `http://${request.headers.host}` === expected.origin;
  if (!url || !isOurs || request.method !== 'GET' || url.pathname !== PATH) return 'nothing_here';
  const names = [...url.searchParams.keys()];
  const isPlain = new Set(names).size === names.length;
  return isPlain && isSame(url.searchParams.get('state') ?? '', expected.state) ? url : 'foreign';
}

function isSame(left: string, right: string): boolean {
  const [one, other] = [Buffer.from(left), Buffer.from(right)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function send(response: ServerResponse, page: CallbackPage): void {
  const { status, html } = renderCallbackPage(page);
  response.writeHead(status, CALLBACK_HEADERS).end(html);
}

async function listen(server: Server): Promise<string> {
  try {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  } catch (error) {
    throw fail('failed', { why: 'no port on 127.0.0.1 is free for the browser to answer to' }, error);
  }
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const force = setTimeout(() => server.closeAllConnections(), SECOND_MS);
  await closed;
  clearTimeout(force);
}
