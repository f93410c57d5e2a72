import type { HeldGrant } from '../core/ports/local-state.ts';
import type { Asked } from '../core/request.ts';
import type { GrantView, RequestView } from '../core/view.ts';
import { keep } from './held.ts';
import type { ClientParts } from './parts.ts';
import { wakeReaper } from './reaper.ts';

/** Where a request stands: with a grant that is held here now, or without. */
export type Standing = {
  readonly request: RequestView;
  readonly grant: GrantView | null;
  readonly held: HeldGrant | null;
};

export type RequestOrder = { readonly asked: Asked; readonly idempotencyKey: string };

/** Asks, and keeps what is granted at once. An open request is remembered, so that `jit wait` and completion find it. */
export async function request(parts: ClientParts, order: RequestOrder): Promise<Standing> {
  const answer = await parts.backend.submit({ ...order.asked, idempotencyKey: order.idempotencyKey });
  if (answer.claimed) {
    const held = await keep(parts, answer.claimed);
    await wakeReaper(parts);
    return { request: answer.claimed.request, grant: answer.claimed.grant, held };
  }
  await remember(parts, answer.request);
  return { request: answer.request, grant: null, held: null };
}

/** Keeps the note of an open request current, and drops it once it is settled. */
export async function remember(
  parts: Pick<ClientParts, 'state' | 'server'>,
  view: RequestView,
): Promise<void> {
  const isOpen = view.state === 'pending' || view.state === 'approved';
  await parts.state.update((state) => {
    const others = state.requests.filter((known) => known.view.id !== view.id);
    return { ...state, requests: isOpen ? [...others, { server: parts.server, view }] : others };
  });
}
