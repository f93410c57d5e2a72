export type HttpCall = {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** For the whole exchange, from connecting to the last byte; the implementation's own limit where none is given. */
  readonly timeoutMs?: number | undefined;
  /** What is longer is no answer; the implementation's own limit where none is given. */
  readonly maxBodyBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
};

/** `headers` has lower-case names; `body` is text, whole and of bounded size. */
export type HttpAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/**
 * One HTTP exchange. MUST NOT follow redirects, and MUST reject with `insecure_server` for plain http to anything but
 * loopback, `unreachable` when no whole answer came (the system's error is its cause), `bad_answer` when it
 * is no answer that could be read, `interrupted` when the signal was aborted. Any status of 200–299 or 400–599 resolves.
 */
export interface Http {
  send(call: HttpCall): Promise<HttpAnswer>;
}
