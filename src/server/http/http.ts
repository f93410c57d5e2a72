import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import type { ListenAddress } from '../../core/config.ts';
import {
  DRAIN_MS,
  HEADER_LIMIT_BYTES,
  HEADERS_TIMEOUT_MS,
  KEEP_ALIVE_TIMEOUT_MS,
  MOST_CONNECTIONS,
  REQUEST_TIMEOUT_MS,
  SILENT_CONNECTION_MS,
  TIMEOUT_CHECK_MS,
} from '../../core/limits.ts';
import type { ApiEnvironment } from '../api/index.ts';
import type { Health } from '../health.ts';
import { isOwnHost } from '../oauth/host.ts';
import type { AuthorizationServer } from '../oauth/provider/authorization-server.ts';
import type { Held } from '../reload/turnover.ts';
import { listen } from './listen.ts';
import { REQUEST_ID_HEADER, type RequestContext, runRequest } from './request-context.ts';

const SWEEP_MS = 50;

/** Who answers: another site can take this one's place while the server listens on. */
export type HttpSite = {
  readonly authorization: Pick<AuthorizationServer, 'handles' | 'callback'>;
  /** Everything that is not the provider's. */
  readonly respond: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
};

/** What answers for an application of hono's. */
export function answerBy(app: Hono<ApiEnvironment>): HttpSite['respond'] {
  const listener = getRequestListener(app.fetch);
  return async (request, response) => {
    await listener(request, response);
  };
}

/** What became of a request. */
export type Answered = RequestContext & {
  readonly method: string;
  readonly status: number;
  readonly durationMs: number;
  /** The client left before it had the whole answer. */
  readonly isCutShort: boolean;
};

export type HttpParts = {
  readonly url: string;
  readonly listen: ListenAddress;
  /** Who answers a request that comes now; released once it is answered. */
  readonly holdSite: () => Held<HttpSite>;
  /** Answers those who ask by address whether the server is well. */
  readonly health?: Health;
  /** Told of every request once it is answered, or its client has left. */
  readonly onAnswered?: (answered: Answered) => void;
  readonly patience?: Partial<Patience>;
};

/** How patient the server is with a connection; every one is a limit, and shorter only in tests. */
export type Patience = {
  readonly headersMs: number;
  readonly requestMs: number;
  readonly checkMs: number;
  readonly keepAliveMs: number;
  readonly silentMs: number;
  readonly drainMs: number;
  readonly mostConnections: number;
};

const PATIENCE: Patience = {
  headersMs: HEADERS_TIMEOUT_MS,
  requestMs: REQUEST_TIMEOUT_MS,
  checkMs: TIMEOUT_CHECK_MS,
  keepAliveMs: KEEP_ALIVE_TIMEOUT_MS,
  silentMs: SILENT_CONNECTION_MS,
  drainMs: DRAIN_MS,
  mostConnections: MOST_CONNECTIONS,
};

export type HttpServer = {
  /** Goes on answering, and tells every client to come back on another connection. */
  readonly drain: () => void;
  /** Stops listening, lets what runs end, and then ends it: after so long, or sooner where its patience is less. */
  readonly close: (longestMs?: number) => Promise<void>;
};

/** One port for everything; answers only to a `Host` of its own address (OAU-08). */
export async function startHttp(parts: HttpParts): Promise<HttpServer> {
  const patience = { ...PATIENCE, ...parts.patience };
  let isDraining = false;
  const server = createServer(
    {
      // Node refuses what reaches this size.
      maxHeaderSize: HEADER_LIMIT_BYTES + 1,
      headersTimeout: patience.headersMs,
      requestTimeout: patience.requestMs,
      connectionsCheckingInterval: patience.checkMs,
      keepAliveTimeout: patience.keepAliveMs,
    },
    (request, response) => {
      if (isDraining) response.setHeader('connection', 'close');
      if (!parts.health?.answer(request, response)) accept(parts, { request, response });
    },
  );
  server.maxConnections = patience.mostConnections;
  // Of those who ask and then do not read: the time-outs above are over when the question is there.
  server.setTimeout(patience.silentMs);
  await listen(server, parts.listen);
  return {
    drain: () => {
      isDraining = true;
    },
    close: (longestMs = patience.drainMs) => close(server, Math.min(longestMs, patience.drainMs)),
  };
}

type Exchange = { readonly request: IncomingMessage; readonly response: ServerResponse };

function accept(parts: HttpParts, { request, response }: Exchange): void {
  const context: RequestContext = { id: randomUUID(), route: undefined, subject: undefined };
  const startedAtMs = performance.now();
  response.setHeader(REQUEST_ID_HEADER, context.id);
  response.once('close', () =>
    parts.onAnswered?.({
      ...context,
      method: request.method ?? '',
      status: response.statusCode,
      durationMs: performance.now() - startedAtMs,
      isCutShort: !response.writableFinished,
    }),
  );
  runRequest(context, () => route(parts, { request, response }, context));
}

function route(parts: HttpParts, { request, response }: Exchange, context: RequestContext): void {
  if (!isOwnHost(parts.url, request.headers.host)) {
    response
      .writeHead(421, { 'content-type': 'text/plain', connection: 'close' })
      .end('this is not that host\n');
    return;
  }
  const { value: site, release } = parts.holdSite();
  response.once('close', release);
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  if (site.authorization.handles(path)) {
    context.route = nameProviderRoute(path);
    site.authorization.callback(request, response);
  } else void site.respond(request, response);
}

/** The provider's paths are fixed, but for what follows the place where a browser comes back. */
function nameProviderRoute(path: string): string {
  return path.replace(/^(\/oauth\/auth)\/.*/, '$1/:id');
}

function close(server: Server, drainMs: number): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), drainMs);
    // An answer that had begun before, a stream say, leaves its connection open when it ends.
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
    server.close(() => {
      clearTimeout(force);
      clearInterval(sweep);
      resolve();
    });
    server.closeIdleConnections();
  });
}
