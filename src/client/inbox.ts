import type { ApprovalBackend } from '../core/ports/backend.ts';
import type { InboxView } from '../core/view.ts';
import { note } from './note.ts';
import type { ClientParts } from './parts.ts';

/** From where to follow; without `after` the inbox is answered as it is. */
export type InboxFollowing = { readonly after?: number; readonly signal?: AbortSignal };
export type LaterReviewOrder = Parameters<ApprovalBackend['reviewAfterwards']>[1];

/** What waits for this person to decide; remembered by id, so that completion knows it. */
export async function readInbox(
  parts: Pick<ClientParts, 'backend' | 'state' | 'server'>,
  following: InboxFollowing = {},
): Promise<InboxView> {
  const inbox = await parts.backend.readInbox(following);
  const waiting = [...inbox.requests, ...inbox.afterwards].map((request) => request.id);
  await note(parts, (state) => {
    const known = state.servers[parts.server] ?? { name: '', asOf: 0, scopes: [] };
    return { ...state, servers: { ...state.servers, [parts.server]: { ...known, inbox: waiting } } };
  });
  return inbox;
}
