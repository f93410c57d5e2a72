import { AsyncLocalStorage } from 'node:async_hooks';

/** One request to the server while it is answered, for what is told of it. */
export type RequestContext = {
  /** Made here: nothing of the client's. The client gets it as `x-request-id`. */
  readonly id: string;
  /** The pattern of the path, as the route was written: in a path there may be anything. */
  route: string | undefined;
  /** Who was proved to ask. */
  subject: string | undefined;
};

export const REQUEST_ID_HEADER = 'x-request-id';

const contexts = new AsyncLocalStorage<RequestContext>();

export function runRequest(context: RequestContext, action: () => void): void {
  contexts.run(context, action);
}

/** The request that is being answered; undefined in what the server does by itself. */
export function findRequest(): RequestContext | undefined {
  return contexts.getStore();
}

export function noteSubject(subject: string): void {
  const request = contexts.getStore();
  if (request) request.subject = subject;
}
