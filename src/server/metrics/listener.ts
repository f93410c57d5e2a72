import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isLoopbackHost } from '../../core/config/address.ts';
import type { MetricsConfig } from '../../core/config.ts';
import {
  HEADER_LIMIT_BYTES,
  HEADERS_TIMEOUT_MS,
  MOST_METRICS_CONNECTIONS,
  REQUEST_TIMEOUT_MS,
  TIMEOUT_CHECK_MS,
} from '../../core/limits.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Meter } from '../../core/ports/meter.ts';
import type { Store } from '../../core/ports/store.ts';
import { type Health, STORE_CHECK } from '../health.ts';
import { listen } from '../http/listen.ts';
import { isSameText } from '../oauth/tokens/sealed-text.ts';

export type MetricsParts = {
  readonly config: MetricsConfig;
  readonly meter: Meter;
  readonly store: Pick<Store, 'readFigures'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly health: Health;
  readonly onError: (error: unknown) => void;
};

/** Figures, where only those who may look can reach them: an address of its own, and never the one that people use. */
export async function startMetrics(parts: MetricsParts): Promise<{ readonly close: () => Promise<void> }> {
  let rendering: ReturnType<Meter['render']> | undefined;
  // Without the store there is still to be seen that it is away, and what this process counted.
  const readFigures = () =>
    parts.store.readFigures(parts.clock.now()).catch((error: unknown) => {
      parts.onError(error);
      return null;
    });
  const render = async (): ReturnType<Meter['render']> => {
    const standing = await parts.health.look();
    const figures = standing.failing.includes(STORE_CHECK) ? null : await readFigures();
    return await parts.meter.render({ ...standing, figures });
  };
  // However many ask at once, the store is asked once.
  const renderOnce = (): ReturnType<Meter['render']> => {
    rendering ??= render().finally(() => {
      rendering = undefined;
    });
    return rendering;
  };
  const server = createServer(
    {
      maxHeaderSize: HEADER_LIMIT_BYTES,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
    },
    (request, response) => void answer({ ...parts, renderOnce }, request, response).catch(parts.onError),
  );
  server.maxConnections = MOST_METRICS_CONNECTIONS;
  await listen(server, parts.config.listen);
  return { close: () => close(server) };
}

type Answering = MetricsParts & { readonly renderOnce: () => ReturnType<Meter['render']> };

async function answer(parts: Answering, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const refuse = (status: number): void => void response.writeHead(status, { connection: 'close' }).end();
  if (parts.health.answer(request, response)) return;
  if (!isForUs(parts.config, request)) return refuse(421);
  if ((request.url ?? '').split('?')[0] !== '/metrics') return refuse(404);
  if (request.method !== 'GET') return refuse(405);
  if (!mayRead(parts.config, request)) return refuse(401);
  const rendered = await parts.renderOnce();
  response.writeHead(200, { 'content-type': rendered.type, 'cache-control': 'no-store' }).end(rendered.text);
}

/** Without a token the address is the only fence: a page in a browser on this machine must not get over it by a name. */
function isForUs({ token }: MetricsConfig, { headers: { host } }: IncomingMessage): boolean {
  if (token) return true;
  const name = URL.parse(`http://${host ?? ''}`)?.hostname;
  return name !== undefined && isLoopbackHost(name);
}

function mayRead({ token }: MetricsConfig, { headers: { authorization } }: IncomingMessage): boolean {
  if (!token) return true;
  const sent = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
  return sent !== undefined && isSameText(sent, token.reveal());
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
