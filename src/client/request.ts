import type { HeldGrant, HeldRequest } from '../core/ports/local-state.ts';
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

/**
 * Asks, and keeps what is granted at once. A pending request is remembered before the answer is shown, so that
 * `jit wait` and completion find it.
 */
export async function request(parts: ClientParts, order: RequestOrder): Promise<Standing> {
  const answer = await parts.backend.submit({ ...order.asked, idempotencyKey: order.idempotencyKey });
  if (answer.claimed) {
    const held = await keep(parts, answer.claimed);
    await wakeReaper(parts);
    return { request: answer.claimed.request, grant: answer.claimed.grant, held };
  }
  await remember(parts, answer.request, order.idempotencyKey);
  return { request: answer.request, grant: null, held: null };
}

/** Keeps the note of an open request current, and drops it once it is settled. */
export async function remember(parts: ClientParts, view: RequestView, idempotencyKey = ''): Promise<void> {
  const note = buildNote(parts, view, idempotencyKey);
  await parts.state.update((state) => {
    const others = state.requests.filter((known) => known.id !== view.id);
    return { ...state, requests: note ? [...others, note] : others };
  });
}

function buildNote(parts: ClientParts, view: RequestView, idempotencyKey: string): HeldRequest | undefined {
  if (view.state !== 'pending' && view.state !== 'approved') return undefined;
  return {
    id: view.id,
    server: parts.server,
    scopes: view.scopes,
    target: view.target,
    state: view.state,
    idempotencyKey,
    createdAt: view.createdAt,
  };
}
