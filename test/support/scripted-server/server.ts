import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export type SeenCall = {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
};

/** What is answered: a document, or anything that can be done to a response. */
export type Reply =
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly json?: unknown;
      readonly body?: string | Uint8Array;
    }
  | ((response: ServerResponse, request: IncomingMessage) => void);

export type ScriptedServer = AsyncDisposable & {
  readonly url: string;
  readonly calls: SeenCall[];
  /** The replies to a path, one a call; the last one repeats. */
  on(path: string, ...replies: readonly Reply[]): void;
  callsTo(path: string): readonly SeenCall[];
  /** Settles when a call to this path has arrived, now or before. */
  arrival(path: string): Promise<void>;
};

/** The connection ends without an answer. */
export const reset: Reply = (response) => response.destroy();
/** The call is taken and never answered. */
export const silence: Reply = () => undefined;

/** A server on loopback that answers what it was told to, and remembers what it was asked. */
export async function startScriptedServer(): Promise<ScriptedServer> {
  const script = new Map<string, Reply[]>();
  const calls: SeenCall[] = [];
  const arrivals = new Map<string, PromiseWithResolvers<void>>();
  const arrivalAt = (path: string): PromiseWithResolvers<void> => {
    const known = arrivals.get(path) ?? Promise.withResolvers<void>();
    arrivals.set(path, known);
    return known;
  };
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const body = await text(request);
    calls.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
    const replies = script.get(path) ?? [];
    answer((replies.length > 1 ? replies.shift() : replies[0]) ?? { status: 404 }, { request, response });
    arrivalAt(path).resolve();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    on: (path, ...replies) => script.set(path, [...replies]),
    callsTo: (path) => calls.filter((call) => new URL(call.url, 'http://localhost').pathname === path),
    arrival: (path) => arrivalAt(path).promise,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(
  reply: Reply,
  exchange: { readonly request: IncomingMessage; readonly response: ServerResponse },
): void {
  if (typeof reply === 'function') {
    reply(exchange.response, exchange.request);
    return;
  }
  const body = reply.json === undefined ? (reply.body ?? '') : JSON.stringify(reply.json);
  const type = reply.json === undefined ? {} : { 'content-type': 'application/json' };
  exchange.response.writeHead(reply.status ?? 200, { ...type, ...reply.headers });
  exchange.response.end(body);
}
