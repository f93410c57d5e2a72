import type { Settings } from './options.ts';

/** A service waits for the server at most this long, and then has its own caller to answer. */
const TIMEOUT_MS = 3_000;
const LONGEST_ANSWER_BYTES = 262_144;

/** Calls of the jit server, at its own address and nowhere else (INP-02): no redirect is followed. */
export type ServerCalls = {
  /** The JSON of an answer 200; rejects for everything else, and for more than a sane answer has. */
  readonly read: (path: string, form?: URLSearchParams) => Promise<unknown>;
  /** An answer that goes on: its headers, then its body for as long as it lasts. */
  readonly open: (path: string, options: OpenOptions) => Promise<Response>;
};

export type OpenOptions = {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
};

export function createServerCalls({ issuer, asker }: Pick<Settings, 'issuer' | 'asker'>): ServerCalls {
  const authorization = asker ? { authorization: formatBasic(asker.id, asker.secret.reveal()) } : {};
  return {
    read: async (path, form) => {
      const response = await fetch(issuer + path, {
        method: form ? 'POST' : 'GET',
        headers: { accept: 'application/json', ...(form ? authorization : {}) },
        body: form ?? null,
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const text = await readBounded(response);
      if (response.status !== 200) throw new TypeError(`${issuer}${path} answered HTTP ${response.status}`);
      return JSON.parse(text);
    },
    open: async (path, { headers, signal }) => {
      const response = await fetch(issuer + path, {
        headers: { ...headers, ...authorization },
        redirect: 'error',
        signal,
      });
      if (response.status === 200) return response;
      await response.body?.cancel();
      throw new TypeError(`${issuer}${path} answered HTTP ${response.status}`);
    },
  };
}

async function readBounded(response: Response): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength;
    if (length > LONGEST_ANSWER_BYTES) throw new TypeError(`${response.url} answered too much`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** RFC 6749 §2.3.1: both are form-encoded first. */
function formatBasic(id: string, secret: string): string {
  return `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`;
}
