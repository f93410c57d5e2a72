import { chmod, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { fail, JitError } from '../../core/errors.ts';
import { LONGEST_ORDER_BYTES, ORDER_ARRIVAL_MS } from '../../core/limits.ts';
import { encodeProblem, PROBLEM_TYPE } from '../../core/wire/problem.ts';

const PRIVATE_FILE = 0o600;
const PRIVATE_MASK = 0o177;

export type ControlParts = {
  readonly path: string;
  /** What comes of an order; what it throws is told to whoever gave it. */
  readonly answer: (message: unknown) => Promise<unknown>;
  readonly onError: (error: unknown) => void;
};

/**
 * Listens on a socket in the file system that nobody but this user can connect to: whoever may give an order could as well
 * write into the store. Whatever has this name is removed: the store's own lock is what says that no other server can be
 * behind it. Returns how to close it.
 */
export async function listenForOrders(parts: ControlParts): Promise<() => Promise<void>> {
  await rm(parts.path, { force: true });
  const server = createServer((request, response) => void serve(parts, request, response));
  server.requestTimeout = ORDER_ARRIVAL_MS;
  await listen(server, parts.path);
  await chmod(parts.path, PRIVATE_FILE);
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeIdleConnections();
    });
}

/** Made for this user from the first moment on. */
function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const before = process.umask(PRIVATE_MASK);
    try {
      server.listen(path, resolve);
    } finally {
      process.umask(before);
    }
  });
}

async function serve(parts: ControlParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const outcome = await parts.answer(JSON.parse(await readAll(request)));
    send(response, { status: 200, type: 'application/json', body: outcome });
  } catch (error) {
    if (!(error instanceof JitError)) parts.onError(error);
    const told =
      error instanceof JitError ? error : fail('failed', { why: 'the server failed; its log says at what' });
    send(response, { status: told.status, type: PROBLEM_TYPE, body: encodeProblem(told) });
  }
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > LONGEST_ORDER_BYTES) throw fail('bad_message', { why: 'the order is too large' });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

type Sent = { readonly status: number; readonly type: string; readonly body: unknown };

function send(response: ServerResponse, { status, type, body }: Sent): void {
  response.writeHead(status, { 'content-type': type, connection: 'close' });
  response.end(JSON.stringify(body));
}
