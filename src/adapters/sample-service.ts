import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Secret } from '../core/secret.ts';

export type SampleServiceOptions = {
  /** The jit server that is asked about every token. */
  readonly server: string;
  readonly name: string;
  readonly secret: Secret;
  readonly scope: string;
};

export type SampleService = { readonly url: string; readonly stop: () => Promise<void> };

/** A small protected service: `GET /orders` for whoever brings a token that the server says is live (RFC 7662). */
export async function startSampleService(options: SampleServiceOptions): Promise<SampleService> {
  const server = createServer((request, response) => {
    answer(options, request, response).catch(() => response.writeHead(503).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/orders`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  options: SampleServiceOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (!token || !(await isLive(options, token))) {
    response.writeHead(401, { 'www-authenticate': 'Bearer realm="orders"' }).end('no live token\n');
    return;
  }
  response.writeHead(200, { 'content-type': 'application/json' }).end('{"orders":3}\n');
}

async function isLive(options: SampleServiceOptions, token: string): Promise<boolean> {
  const credentials = `${encodeURIComponent(options.name)}:${encodeURIComponent(options.secret.reveal())}`;
  const asked = await fetch(`${options.server}/oauth/introspect`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
    body: new URLSearchParams({ token }),
  });
  const document = (await asked.json()) as { readonly active?: unknown; readonly scope?: unknown };
  return document.active === true && String(document.scope).split(' ').includes(options.scope);
}
