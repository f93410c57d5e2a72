import { connect, type Socket } from 'node:net';

/** One kept connection that asks one thing at a time, and as little of HTTP as that takes: node's own client costs more than the server. */
export type PlainClient = {
  /** Resolves with the body; rejects where the answer is not 200. */
  readonly post: (order: { readonly head: string; readonly body: string }) => Promise<string>;
  readonly close: () => void;
};

type Waiting = { readonly resolve: (body: string) => void; readonly reject: (error: unknown) => void };

export async function openPlainClient(url: string): Promise<PlainClient> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  let waiting: Waiting | undefined;
  listen(socket, (outcome) => {
    const asked = waiting;
    waiting = undefined;
    if (typeof outcome === 'string') asked?.resolve(outcome);
    else asked?.reject(outcome);
  });
  return {
    post: ({ head, body }) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
      }),
    close: () => socket.destroy(),
  };
}

/** Answers have a length: what is chunked is none of what is measured here. */
function listen(socket: Socket, onAnswer: (outcome: string | Error) => void): void {
  let text = '';
  socket.setEncoding('latin1');
  socket.on('error', onAnswer);
  socket.on('close', () => onAnswer(new Error('the connection was closed')));
  socket.on('data', (chunk: string) => {
    text += chunk;
    const headEnd = text.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1] ?? Number.NaN);
    if (Number.isNaN(length)) return onAnswer(new Error(`no length: ${text.slice(0, headEnd)}`));
    if (text.length < headEnd + 4 + length) return;
    const [status, body] = [text.slice(9, 12), text.slice(headEnd + 4, headEnd + 4 + length)];
    text = '';
    onAnswer(status === '200' ? body : new Error(`answered ${status}: ${body}`));
  });
}
