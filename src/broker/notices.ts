import type { Notice, NoticeKind } from '../core/notice.ts';
import type { Work, WorkChange } from '../core/ports/store.ts';
import type { Broker } from './parts.ts';

type Telling = { readonly notices: readonly Notice[]; readonly work: readonly WorkChange[] };

const DELIVERY = 'deliver:';

/** One notice for each channel, and the work that sends it: both part of the transition that they tell of. */
export function tell(
  broker: Pick<Broker, 'channels' | 'ids' | 'clock'>,
  kind: NoticeKind,
  requestId: string,
): Telling {
  const notices = [...broker.channels.keys()].map((channel): Notice => {
    const id = broker.ids.newNoticeId();
    const createdAt = broker.clock.now();
    return {
      id,
      channel,
      kind,
      requestId,
      createdAt,
      state: 'waiting',
      attempts: 0,
      reference: null,
      lastError: null,
      settledAt: null,
    };
  });
  return {
    notices,
    work: notices.map((notice) => ({ queue: buildDelivery(notice, notice.createdAt) })),
  };
}

/** The work of sending one notice. Its turn is its channel's: a dead one holds up no other, and no target. */
export function buildDelivery(notice: Notice, dueAt: number): Work {
  return {
    id: `${DELIVERY}${notice.id}`,
    kind: 'deliver',
    requestId: notice.requestId,
    grantId: null,
    target: notice.channel,
    dueAt,
    attempts: notice.attempts,
    lastError: notice.lastError,
  };
}

export function readNoticeId(work: Pick<Work, 'id'>): string {
  return work.id.slice(DELIVERY.length);
}
