import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export type Exchange = {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly body: string;
};

/** What becomes of an answer: another body, nothing at all, or itself where this is undefined. */
export type Meddling = (exchange: Exchange) => string | typeof LOST | undefined;

/** The server has acted; its answer never arrives. */
export const LOST = Symbol('lost');

/** Stands between clients and the server, on the address that both know the server by. */
export type Meddler = AsyncDisposable & {
  readonly url: string;
  readonly seen: readonly Exchange[];
  /** From now on, until `relent`. */
  meddle(meddling: Meddling): void;
  relent(): void;
  /** Resolves when the next call of this path comes in. */
  arriving(path: RegExp): Promise<void>;
  /** Resolves with the next call of this path whose answer comes back. */
  passing(path: RegExp): Promise<Exchange>;
};

export async function startMeddler(port: number): Promise<Meddler> {
  const seen: Exchange[] = [];
  const watchers = new Set<(exchange: Exchange) => void>();
  let meddling: Meddling = () => undefined;
  const arrivals = new Set<(path: string) => void>();
  const server = createServer((incoming, outgoing) => {
    for (const arrival of arrivals) arrival(incoming.url ?? '');
    pass({ incoming, outgoing, port }, (exchange) => {
      seen.push(exchange);
      for (const watcher of watchers) watcher(exchange);
      return meddling(exchange);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    meddle: (next) => {
      meddling = next;
    },
    relent: () => {
      meddling = () => undefined;
    },
    arriving: (path) =>
      new Promise((resolve) => {
        const arrival = (url: string): void => {
          if (!path.test(url)) return;
          arrivals.delete(arrival);
          resolve();
        };
        arrivals.add(arrival);
      }),
    passing: (path) =>
      new Promise((resolve) => {
        const watcher = (exchange: Exchange): void => {
          if (!path.test(exchange.path)) return;
          watchers.delete(watcher);
          resolve(exchange);
        };
        watchers.add(watcher);
      }),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type Passing = {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly port: number;
};

/** Hands the call on as it is; where nobody is behind, the connection ends as it would there. */
function pass({ incoming, outgoing, port }: Passing, decide: Meddling): void {
  const { method = '', url = '', headers } = incoming;
  const onward = request({ host: '127.0.0.1', port, method, path: url, headers, agent: false });
  onward.on('error', () => outgoing.destroy());
  outgoing.on('close', () => onward.destroy());
  onward.on('response', async (answer) => {
    if (answer.headers['content-type']?.startsWith('text/event-stream')) return stream(answer, outgoing);
    const body = await text(answer).catch(() => undefined);
    if (body === undefined) return void outgoing.destroy();
    const exchange = { method, path: url, status: answer.statusCode ?? 0, body };
    const decided = decide(exchange);
    if (decided === LOST) outgoing.destroy();
    else {
      const { 'content-length': _, 'transfer-encoding': __, ...kept } = answer.headers;
      outgoing.writeHead(exchange.status, kept).end(decided ?? body);
    }
  });
  incoming.pipe(onward);
}

/** An answer without an end: handed on piece by piece, and ended with whoever ends first. */
function stream(answer: IncomingMessage, outgoing: ServerResponse): void {
  answer.on('error', () => outgoing.destroy());
  outgoing.writeHead(answer.statusCode ?? 0, answer.headers);
  outgoing.flushHeaders();
  answer.pipe(outgoing);
}
