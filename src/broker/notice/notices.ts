import type { Notice, NoticeKind } from '../../core/notice.ts';
import type { Channel } from '../../core/ports/channel.ts';
import type { Work, WorkChange } from '../../core/ports/store.ts';
import { type AccessRequest, concernsPeople } from '../../core/request.ts';
import type { Broker } from '../parts.ts';
import { buildWorkId } from '../work/queue.ts';

export type Telling = { readonly notices: readonly Notice[]; readonly work: readonly WorkChange[] };

export const NOTHING_TOLD: Telling = { notices: [], work: [] };

type Teller = Pick<Broker, 'channels' | 'ids' | 'clock'>;

/** One notice for each channel, and the work that sends it: both part of the transition that they tell of. */
export function tell(broker: Teller, kind: NoticeKind, requestId: string): Telling {
  return buildTelling(broker, { kind, requestId, channels: [...broker.channels.keys()] });
}

/** Nobody is told: cards of the request are made to show what became of it. What nobody was asked about has none. */
export function refresh(broker: Teller, request: AccessRequest): Telling {
  if (!concernsPeople(request)) return NOTHING_TOLD;
  const channels = listKeepers(broker).map(({ name }) => name);
  return buildTelling(broker, { kind: 'request.changed', requestId: request.id, channels });
}

/** Has the cards of a request made again where only its id is known: by those channels that have made one. */
export async function refreshCards(
  broker: Teller & Pick<Broker, 'store'>,
  requestId: string,
): Promise<Telling> {
  const keepers = listKeepers(broker);
  if (keepers.length === 0) return NOTHING_TOLD;
  const notices = await broker.store.listNotices([requestId]);
  const channels = keepers
    .map(({ name }) => name)
    .filter((name) => notices.some(({ channel, state }) => channel === name && state !== 'gone'));
  return buildTelling(broker, { kind: 'request.changed', requestId, channels });
}

function listKeepers({ channels }: Pick<Broker, 'channels'>): readonly Channel[] {
  return [...channels.values()].filter(({ keepsCards }) => keepsCards);
}

type Told = { readonly kind: NoticeKind; readonly requestId: string; readonly channels: readonly string[] };

function buildTelling(broker: Teller, { kind, requestId, channels }: Told): Telling {
  const notices = channels.map((channel): Notice => {
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
  const { id, requestId, channel, attempts, lastError } = notice;
  return {
    id: buildWorkId('deliver', id),
    kind: 'deliver',
    requestId,
    grantId: null,
    target: channel,
    dueAt,
    attempts,
    lastError,
  };
}
