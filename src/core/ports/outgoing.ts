/** What of `fetch`'s options is needed to call another system. */
export type OutgoingCall = {
  readonly method?: string | undefined;
  readonly headers?: Headers | Readonly<Record<string, string>> | undefined;
  /** Text, bytes or a form; anything else is refused. */
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
};

/**
 * The part of `fetch` with which the server calls other systems (INP-02). MUST refuse every origin that it was not made
 * for, and every address that the configuration does not let such a host have; MUST follow no redirect; MUST bound time
 * and size. An answer of any status resolves, its body complete; `unreachable` for everything else, the caller's own
 * abort included.
 */
export type Outgoing = (url: string, call?: OutgoingCall) => Promise<Response>;
