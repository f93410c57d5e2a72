import * as v from 'valibot';
import { formatInstant } from '../time.ts';
import type { InboxView } from '../view.ts';
import { count, instant } from './fields.ts';
import { encodeRequest, requestMessage } from './request.ts';

/** What waits for one reviewer. Sent back as `after`, `position` asks for what changed since. */
export const inboxMessage = v.pipe(
  v.object({
    as_of: instant,
    position: count,
    requests: v.array(requestMessage),
    afterwards: v.array(requestMessage),
  }),
  v.transform(({ as_of, ...wire }): InboxView => ({ asOf: as_of, ...wire })),
);

export function encodeInbox(view: InboxView): v.InferInput<typeof inboxMessage> {
  return {
    as_of: formatInstant(view.asOf),
    position: view.position,
    requests: view.requests.map(encodeRequest),
    afterwards: view.afterwards.map(encodeRequest),
  };
}
