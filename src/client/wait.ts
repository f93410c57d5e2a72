import { describeDenial } from '../core/denial.ts';
import { fail, hasCode } from '../core/errors.ts';
import type { RequestView } from '../core/view.ts';
import type { ClientParts } from './parts.ts';
import { inTurn, type OnUnkept, remember, type Standing, take } from './request.ts';

export type WaitOrder = {
  readonly requestId: string;
  /** Gives up waiting, not the request, after this long; undefined waits until it is decided or lapses. */
  readonly timeoutSeconds: number | undefined;
  readonly shouldClaim: boolean;
  readonly signal: AbortSignal;
  /** Told of every look, for a line that is alive. */
  readonly onLook: (view: RequestView) => void;
  readonly onUnkept?: OnUnkept | undefined;
};

/**
 * Follows a request to its decision and claims it. Denied, cancelled and lapsed are thrown as what they are;
 * `still_pending` when the time is over, `interrupted` when the person left: the request goes on without them.
 */
export async function wait(parts: ClientParts, order: WaitOrder): Promise<Standing> {
  const view = await followToDecision(parts, order);
  await remember(parts, view);
  if (view.state === 'denied') throw fail('denied', { id: view.id, why: describeDenial(view) });
  if (view.state === 'approved' && !order.shouldClaim)
    return { request: view, grant: null, held: null, heldUntil: null };
  return claim(parts, view.id, order.onUnkept);
}

/** Claims and keeps: the first time, or again after an answer or a keychain was lost. */
export async function claim(parts: ClientParts, requestId: string, onUnkept?: OnUnkept): Promise<Standing> {
  return inTurn(parts, async () => take(parts, await parts.backend.claim(requestId), { onUnkept }));
}

async function followToDecision(parts: ClientParts, order: WaitOrder): Promise<RequestView> {
  const deadline = createDeadline(parts, order.timeoutSeconds);
  const signal = AbortSignal.any([order.signal, deadline.signal]);
  try {
    let view = await parts.backend.readRequest(order.requestId);
    while (view.state === 'pending' && !signal.aborted) {
      order.onLook(view);
      view = await followOnce(parts, view, signal);
    }
    if (view.state === 'pending') throw describePending(view, order.signal.aborted);
    return view;
  } finally {
    deadline.stop();
  }
}

async function followOnce(parts: ClientParts, view: RequestView, signal: AbortSignal): Promise<RequestView> {
  const { given } = view.approvals;
  const told = view.told.length;
  try {
    return await parts.backend.follow(view.id, { state: 'pending', given, told, signal });
  } catch (error) {
    if (signal.aborted && hasCode(error, 'interrupted', 'unreachable')) return view;
    throw error;
  }
}

function describePending(view: RequestView, isInterrupted: boolean): Error {
  if (isInterrupted)
    return fail('interrupted', { why: `${view.id} is still pending`, next: `jit wait ${view.id}` });
  return fail('still_pending', { id: view.id, why: 'nobody has decided yet' });
}

/** Aborts at an absolute time by the monotonic clock, however long the machine slept (S10). */
function createDeadline(
  parts: ClientParts,
  timeoutSeconds: number | undefined,
): { readonly signal: AbortSignal; readonly stop: () => void } {
  const ending = new AbortController();
  const stopping = new AbortController();
  if (timeoutSeconds === undefined) return { signal: ending.signal, stop: () => stopping.abort() };
  const endsAtMs = parts.clock.monotonicMs() + timeoutSeconds * 1000;
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted && parts.clock.monotonicMs() < endsAtMs) {
      await parts.clock.sleep(endsAtMs - parts.clock.monotonicMs(), stopping.signal);
    }
    ending.abort();
  };
  void run();
  return { signal: ending.signal, stop: () => stopping.abort() };
}
