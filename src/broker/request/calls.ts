import type { NoticeKind } from '../../core/notice.ts';
import type { TakenWork, Transition, Work } from '../../core/ports/store.ts';
import type { AccessRequest } from '../../core/request.ts';
import { type Instant, SECOND_MS } from '../../core/time.ts';
import { buildEvent, SYSTEM } from '../events.ts';
import { tell } from '../notice/notices.ts';
import type { Broker } from '../parts.ts';
import { buildRequestWork } from '../work/queue.ts';

type CallKind = 'remind' | 'escalate' | 'overdue';

/** The clockwork of a request that waits for people: they are reminded, and then others are called. */
export function buildCalls(broker: Broker, request: AccessRequest): readonly Work[] {
  const { remindAfterSeconds, escalateAfterSeconds } = broker.settings.review;
  const at = (seconds: number): Instant => request.createdAt + seconds * SECOND_MS;
  const hasOthers = (request.decision?.obligations.escalationGroups ?? []).length > 0;
  const calls = [
    buildRequestWork(request, { kind: 'remind', dueAt: at(remindAfterSeconds) }),
    ...(hasOthers ? [buildRequestWork(request, { kind: 'escalate', dueAt: at(escalateAfterSeconds) })] : []),
  ];
  return calls.filter((call) => call.dueAt < request.lapsesAt);
}

/** The clockwork of break-glass that somebody must look at by then. */
export function buildOverdue(request: AccessRequest, dueAt: Instant): Work {
  return buildRequestWork(request, { kind: 'overdue', dueAt });
}

type Call = {
  readonly notice: NoticeKind;
  readonly event: 'request.reminded' | 'request.escalated' | 'request.review_overdue';
  /** Is there still anybody to call? */
  readonly isDue: (request: AccessRequest) => boolean;
  readonly change: (request: AccessRequest, now: Instant) => Partial<AccessRequest> | undefined;
};

const CALLS: Readonly<Record<CallKind, Call>> = {
  remind: {
    notice: 'request.reminder',
    event: 'request.reminded',
    isDue: ({ state }) => state === 'pending',
    change: () => undefined,
  },
  escalate: {
    notice: 'request.escalated',
    event: 'request.escalated',
    isDue: ({ state, escalatedAt }) => state === 'pending' && escalatedAt === null,
    change: (_, escalatedAt) => ({ escalatedAt }),
  },
  overdue: {
    notice: 'request.review_overdue',
    event: 'request.review_overdue',
    isDue: ({ afterwards }) => afterwards !== null && afterwards.review === null,
    change: () => undefined,
  },
};

/** Calls people about a request, once; nothing is called about what was settled meanwhile. */
export async function runCall(broker: Broker, work: TakenWork & { readonly kind: CallKind }): Promise<void> {
  const call = CALLS[work.kind];
  const request = work.requestId === null ? undefined : await broker.store.readRequest(work.requestId);
  if (!request || !call.isDue(request)) return broker.store.finishWork(work);
  const outcome = await broker.store.commit(buildCalling(broker, { work, call, request }));
  if (outcome === 'lost') return runCall(broker, work);
  broker.wake();
}

function buildCalling(
  broker: Broker,
  calling: { readonly work: Work; readonly call: Call; readonly request: AccessRequest },
): Transition {
  const { work, call, request } = calling;
  const change = call.change(request, broker.clock.now());
  const telling = tell(broker, call.notice, request.id);
  const after = change && { ...request, ...change, version: request.version + 1 };
  const groups = request.decision?.obligations.escalationGroups ?? [];
  return {
    ...(after ? { request: { before: request, after } } : {}),
    event: buildEvent(broker, {
      kind: call.event,
      actor: SYSTEM,
      requestId: request.id,
      detail: work.kind === 'escalate' ? { groups } : {},
    }),
    notices: telling.notices,
    work: [{ finish: work.id }, ...telling.work],
  };
}

export function isCall(work: TakenWork): work is TakenWork & { readonly kind: CallKind } {
  return Object.hasOwn(CALLS, work.kind);
}
