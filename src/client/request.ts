import { fail } from '../core/errors.ts';
import type { HeldGrant } from '../core/ports/local-state.ts';
import type { Asked } from '../core/request.ts';
import { type Instant, SECOND_MS } from '../core/time.ts';
import type { Claimed, GrantView, RequestView } from '../core/view.ts';
import { isOf, keep, listHeld } from './held.ts';
import { note } from './note.ts';
import type { ClientParts } from './parts.ts';
import { wakeReaper } from './reaper.ts';

/** A clock that is further off than this would end a command too early, or keep a copy too long. */
const TOLERATED_MS = 5 * 60 * SECOND_MS;

/** Where a request stands: with a grant that is held here now, or without. */
export type Standing = {
  readonly request: RequestView;
  readonly grant: GrantView | null;
  readonly held: HeldGrant | null;
  /** The grant was held here before, until this instant: asking again found it, or made it longer. */
  readonly heldUntil: Instant | null;
  /** It was asked for before, with another question: what came of it may be in use elsewhere. */
  readonly isJoined?: boolean;
};

/** What was granted and delivered, and could not be kept on this machine: it is live. */
export type Unkept = {
  readonly request: RequestView;
  readonly grant: GrantView;
  /** It came of this very question, and of nothing that was held or asked for before. */
  readonly isOwn: boolean;
};

/** Told before the reason is thrown, while nobody else on this machine is delivered anything. MUST NOT throw. */
export type OnUnkept = (unkept: Unkept) => Promise<void>;

export type RequestOrder = {
  readonly asked: Asked;
  readonly idempotencyKey: string;
  readonly onUnkept?: OnUnkept | undefined;
};

/** Asks, and keeps what is granted at once. An open request is remembered, so that `jit wait` and completion find it. */
export async function request(parts: ClientParts, order: RequestOrder): Promise<Standing> {
  const ask = async (): Promise<Standing> => {
    const answer = await parts.backend.submit({ ...order.asked, idempotencyKey: order.idempotencyKey });
    const joined = answer.joined ? { isJoined: true } : {};
    const taking = { onUnkept: order.onUnkept, ...joined };
    if (answer.claimed) return { ...(await take(parts, answer.claimed, taking)), ...joined };
    await remember(parts, answer.request);
    return { request: answer.request, grant: null, held: null, heldUntil: null, ...joined };
  };
  return parts.asksApart ? ask() : inTurn(parts, ask);
}

/** One delivery at a time on this machine: a later one has the newer password, so it must also be stored later. */
export function inTurn<T>(parts: Pick<ClientParts, 'lock' | 'server'>, action: () => Promise<T>): Promise<T> {
  return parts.lock.run(`deliveries of ${new URL(parts.server).host}`, action);
}

/** Keeps what was delivered. `clock_wrong` where this machine could not tell when it ends; it can be had again. */
export async function take(parts: ClientParts, claimed: Claimed, taking: Taking = {}): Promise<Standing> {
  const { request: view, grant } = claimed;
  const before = (await listHeld(parts)).find((known) => known.view.id === grant.id);
  const isOwn = !taking.isJoined && before === undefined && view.extendsGrantId === null;
  const held = await keepOrAbandon(parts, claimed, () => taking.onUnkept?.({ request: view, grant, isOwn }));
  await remember(parts, view);
  await wakeReaper(parts);
  return { request: view, grant, held, heldUntil: before?.view.expiresAt ?? null };
}

export type Taking = { readonly onUnkept?: OnUnkept | undefined; readonly isJoined?: boolean };

async function keepOrAbandon(
  parts: ClientParts,
  claimed: Claimed,
  tell: () => Promise<void> | undefined,
): Promise<HeldGrant> {
  try {
    requireClock(parts);
    return await keep(parts, claimed);
  } catch (error) {
    if ((await parts.backend.abandon(claimed).catch(() => 'unknown')) === 'live') await tell();
    throw error;
  }
}

function requireClock(parts: Pick<ClientParts, 'skewMs'>): void {
  const skewMs = parts.skewMs();
  if (Math.abs(skewMs) > TOLERATED_MS)
    throw fail('clock_wrong', { offsetSeconds: Math.round(skewMs / SECOND_MS) });
}

/** Does it wait for somebody: for reviewers, or for its requester to claim it? */
export function isOpen({ state }: Pick<RequestView, 'state'>): boolean {
  return state === 'pending' || state === 'approved';
}

/** Keeps the note of an open request current, and drops it once it is settled. */
export async function remember(
  parts: Pick<ClientParts, 'state' | 'server'>,
  view: RequestView,
): Promise<void> {
  await note(parts, (state) => {
    const others = state.requests.filter((known) => !isOf(known, { server: parts.server, id: view.id }));
    return { ...state, requests: isOpen(view) ? [...others, { server: parts.server, view }] : others };
  });
}
