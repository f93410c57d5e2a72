import * as v from 'valibot';
import type { LoggedChange } from '../ports/store.ts';
import { formatInstant } from '../time.ts';
import { instant, nullableText, text } from './fields.ts';

/** The media type of server-sent events. */
export const EVENT_STREAM_TYPE = 'text/event-stream';
/** Under this header a client says what it has seen, and the stream goes on from there. */
export const LAST_EVENT_HEADER = 'last-event-id';

/** Data of the event `change`: that something happened to a request or grant, and nothing of what is in it. */
export const changeMessage = v.pipe(
  v.object({ kind: text, at: instant, request_id: nullableText, grant_id: nullableText }),
  v.transform((wire): Omit<LoggedChange, 'position' | 'kind'> & { readonly kind: string } => ({
    kind: wire.kind,
    at: wire.at,
    requestId: wire.request_id,
    grantId: wire.grant_id,
  })),
);

export function encodeChange(change: LoggedChange): v.InferInput<typeof changeMessage> {
  return {
    kind: change.kind,
    at: formatInstant(change.at),
    request_id: change.requestId,
    grant_id: change.grantId,
  };
}
