import { signProof } from '../../src/adapters/backends/dpop-proof.ts';
import {
  type JitServer,
  type JitServerOptions,
  type Someone,
  startJitServer,
} from '../support/programs/jit-server.ts';

/**
 * Is this much let through? Asked with the limit itself and with one more: what a limit means is what the program does, so a
 * probe knows the number from nowhere else.
 */
export type Probe = (size: number, ground: Ground) => boolean | Promise<boolean>;

/** A running server with somebody logged in, for the probes that need one. */
export type Ground = AsyncDisposable & {
  readonly server: JitServer;
  readonly dev: Someone;
  /** One call of `/v1`, signed as the CLI signs it. */
  send(path: string, init?: SendOptions): Promise<Response>;
};

export type SendOptions = {
  readonly method?: 'GET' | 'POST';
  readonly body?: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  readonly headers?: Readonly<Record<string, string>>;
};

export const ASKED = {
  scopes: ['prod:api.read'],
  target: 'orders-api',
  duration_seconds: 600,
  reason: 'INC-4211 slow checkout',
};

export async function openGround(options: JitServerOptions = {}): Promise<Ground> {
  const server = await startJitServer(options);
  const dev = await server.logIn('dev');
  return {
    server,
    dev,
    send: (path, init) => send({ server, dev }, path, init),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function send(
  { server, dev }: Pick<Ground, 'server' | 'dev'>,
  path: string,
  { method = 'POST', body, headers }: SendOptions = {},
): Promise<Response> {
  const proof = { method, url: new URL(path, server.url), at: Date.now(), nonce: undefined };
  return fetch(server.url + path, {
    method,
    ...(body === undefined ? {} : { body, duplex: 'half' }),
    headers: {
      authorization: `DPoP ${dev.session.accessToken.reveal()}`,
      dpop: signProof(dev.session, proof),
      'content-type': 'application/json',
      'idempotency-key': crypto.randomUUID(),
      ...headers,
    },
  } as RequestInit);
}

/** A text in pieces, and without a word about its length. */
export function inPieces(text: string): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  let sent = 0;
  return new ReadableStream({
    pull: (controller) => {
      if (sent >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(sent, sent + 1000));
      sent += 1000;
    },
  });
}

/** A form of exactly so many bytes. */
export function padForm(fields: Readonly<Record<string, string>>, bytes: number): string {
  const start = `${new URLSearchParams(fields)}&pad=`;
  return start + 'x'.repeat(bytes - start.length);
}

export function postForm(
  url: string,
  body: string | ReadableStream<Uint8Array>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const type = 'application/x-www-form-urlencoded';
  const init = { method: 'POST', body, duplex: 'half', headers: { 'content-type': type, ...headers } };
  return fetch(url, init as RequestInit);
}

/** One answer, where it was asked in several ways that must not differ. */
export function agree(answers: readonly boolean[]): boolean {
  const [first = false] = answers;
  if (answers.some((answer) => answer !== first)) throw new Error(`asked several ways: ${answers.join()}`);
  return first;
}
