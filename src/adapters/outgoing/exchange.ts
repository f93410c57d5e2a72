import type { LookupAddress } from 'node:dns';
import { type ClientRequest, type IncomingMessage, request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import type { LookupFunction } from 'node:net';
import { fail, type JitError } from '../../core/errors.ts';

export type Exchange = {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly body: Uint8Array | undefined;
  readonly addresses: readonly LookupAddress[];
  readonly signal: AbortSignal;
  /** From connecting to the last byte of the answer's head. */
  readonly headTimeoutMs: number;
  readonly maxBodyBytes: number;
};

/** Statuses whose answers have no body, and which `Response` takes none with. */
const BODILESS: readonly number[] = [204, 205, 304];

type Refuse = (why: string) => JitError;
type Reading = { readonly maxBodyBytes: number; readonly refuse: Refuse };

/** One exchange on a connection of its own, to the addresses that were judged and to no other. */
export async function exchange(parts: Exchange): Promise<Response> {
  const refuse: Refuse = (why) => fail('unreachable', { address: parts.url.origin, why });
  const outgoing = open(parts);
  const timer = setTimeout(
    () => outgoing.destroy(refuse('it did not begin to answer in time')),
    parts.headTimeoutMs,
  );
  const incoming = await awaitHead(outgoing, refuse).finally(() => clearTimeout(timer));
  try {
    return await readAnswer(incoming, { maxBodyBytes: parts.maxBodyBytes, refuse });
  } finally {
    incoming.destroy();
  }
}

function open({ url, method, headers, body, addresses, signal }: Exchange): ClientRequest {
  const request = url.protocol === 'https:' ? requestTls : requestPlain;
  const outgoing = request(url, {
    method,
    headers: Object.fromEntries(headers),
    // No agent: no kept connection, and no proxy of the environment.
    agent: false,
    lookup: pin(addresses),
    signal,
    ...(url.protocol === 'https:' ? { rejectUnauthorized: true } : {}),
  });
  outgoing.end(body);
  return outgoing;
}

/** Answers with what was judged, whatever the name says by now. */
function pin(addresses: readonly LookupAddress[]): LookupFunction {
  return (_host, options, callback) => {
    const [first] = addresses;
    if (options.all) callback(null, [...addresses]);
    else callback(null, first?.address ?? '', first?.family);
  };
}

function awaitHead(outgoing: ClientRequest, refuse: Refuse): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.once('response', resolve);
    outgoing.once('upgrade', (_response, socket) => {
      socket.destroy();
      reject(refuse('it speaks another protocol'));
    });
    // Stays on: an error after the head is reported by the answer too, and must not go unhandled here.
    outgoing.on('error', reject);
    outgoing.once('close', () => reject(refuse('the connection was closed')));
  });
}

async function readAnswer(incoming: IncomingMessage, reading: Reading): Promise<Response> {
  const status = incoming.statusCode ?? 0;
  if (status < 200 || status > 599) throw reading.refuse(`it answered with the status ${status}`);
  // Bytes that were packed would be unpacked here to any size.
  if ((incoming.headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw reading.refuse('its answer is compressed');
  }
  const body = await readBody(incoming, reading);
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  return new Response(BODILESS.includes(status) ? null : body, { status, headers });
}

async function readBody(incoming: IncomingMessage, reading: Reading): Promise<Uint8Array<ArrayBuffer>> {
  const { maxBodyBytes, refuse } = reading;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) throw refuse(`its answer is larger than ${maxBodyBytes} bytes`);
    chunks.push(chunk);
  }
  if (!incoming.complete) throw refuse('the connection was closed before the answer was complete');
  return new Uint8Array(Buffer.concat(chunks));
}
