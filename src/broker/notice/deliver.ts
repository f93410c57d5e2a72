import { hasCode } from '../../core/errors.ts';
import type { Grant } from '../../core/grant.ts';
import { DELIVERY_DEADLINE_MS } from '../../core/limits.ts';
import type { Notice } from '../../core/notice.ts';
import type { Channel, ChannelMessage } from '../../core/ports/channel.ts';
import type { TakenWork } from '../../core/ports/store.ts';
import { type AccessRequest, isRequestSettled } from '../../core/request.ts';
import { type Instant, SECOND_MS } from '../../core/time.ts';
import { findBackOffMs } from '../pacing/back-off.ts';
import type { Broker } from '../parts.ts';
import { viewGrant, viewRequest } from '../view/view.ts';
import { readSubjectId } from '../work/queue.ts';
import { buildDelivery } from './notices.ts';

const LONGEST_RETRY_MS = 300 * SECOND_MS;
/** What is over is still told for three days: by then, nobody waits for it. */
const KEEP_TELLING_MS = 3 * 86_400 * SECOND_MS;
/** The attempt whose failure is told: one hiccup is nobody's business, and a dead channel is not a line a minute. */
const ATTEMPT_TOLD = 3;

/**
 * Sends one notice through its channel and records what became of it; a failure is tried again, less and less often,
 * for as long as there is something to tell. Nothing waits for it: the decision that it tells of is made already.
 */
export async function runDelivery(broker: Broker, work: TakenWork): Promise<void> {
  const notice = await broker.store.readNotice(readSubjectId(work));
  if (notice?.state !== 'waiting') return broker.store.finishWork(work);
  // Somebody else may have it before this one is through: then it is theirs from the beginning.
  if (work.leasedUntil - broker.clock.now() < DELIVERY_DEADLINE_MS)
    return broker.store.postponeWork(work, work.dueAt);
  const request = await broker.store.readRequest(notice.requestId);
  const channel = broker.channels.get(notice.channel);
  const tellsOfGrant = notice.kind.startsWith('grant.') || channel?.keepsCards === true;
  const grant = request && tellsOfGrant ? await readGrantOf(broker, request) : undefined;
  if (!request || !channel || !isOfInterest(notice, { request, grant, now: broker.clock.now() })) {
    return settle(broker, work, { ...notice, state: 'gone' });
  }
  try {
    const { reference, isGone } = await channel.deliver(
      await buildMessage(broker, { notice, request, grant }),
      {
        deadlineAt: broker.clock.now() + DELIVERY_DEADLINE_MS,
      },
    );
    await settle(broker, work, {
      ...notice,
      state: isGone ? 'gone' : 'accepted',
      reference,
      lastError: null,
    });
  } catch (error) {
    await recordFailure(broker, work, { notice, channel, error });
  }
}

type Told = { readonly request: AccessRequest; readonly grant: Grant | undefined };

async function readGrantOf({ store }: Broker, { grantId }: AccessRequest): Promise<Grant | undefined> {
  return grantId === null ? undefined : store.readGrant(grantId);
}

function isOfInterest(notice: Notice, { request, grant, now }: Told & { readonly now: Instant }): boolean {
  if (notice.kind === 'grant.revocation_overdue') return grant?.state === 'revoking';
  const isReviewDue = request.afterwards !== null && request.afterwards.review === null;
  return !isRequestSettled(request.state) || isReviewDue || now - notice.createdAt < KEEP_TELLING_MS;
}

async function buildMessage(
  broker: Broker,
  { notice, request, grant }: Told & { readonly notice: Notice },
): Promise<ChannelMessage> {
  const [view, notices] = await Promise.all([
    viewRequest(broker, request),
    broker.store.listNotices([request.id]),
  ]);
  const references = notices
    .filter(({ channel }) => channel === notice.channel)
    .flatMap(({ reference }) => (reference === null ? [] : [reference]));
  return {
    ...{ notice, request: view, references: [...new Set(references)] },
    ...(grant ? { grant: viewGrant(broker, grant) } : {}),
  };
}

async function settle(broker: Broker, taken: TakenWork, notice: Notice): Promise<void> {
  const settled = { ...notice, attempts: notice.attempts + 1, settledAt: broker.clock.now() };
  await broker.store.recordDelivery({ notice: settled, taken, again: null });
}

type Failure = { readonly notice: Notice; readonly channel: Channel; readonly error: unknown };

async function recordFailure(
  broker: Broker,
  taken: TakenWork,
  { notice, channel, error }: Failure,
): Promise<void> {
  const isKnown = hasCode(error, 'channel_failed');
  const after: Notice = {
    ...notice,
    attempts: notice.attempts + 1,
    lastError: isKnown ? error.message : `${channel.name} failed`,
  };
  const { id, attempts } = after;
  const dueAt = broker.clock.now() + findBackOffMs({ id, attempts, longestMs: LONGEST_RETRY_MS });
  await broker.store.recordDelivery({ notice: after, taken, again: buildDelivery(after, dueAt) });
  if (!isKnown || after.attempts === ATTEMPT_TOLD) throw error;
}
