import type { Grant } from '../../core/grant.ts';
import type { TakenWork } from '../../core/ports/store.ts';
import { type Instant, SECOND_MS } from '../../core/time.ts';
import { buildEvent, SYSTEM } from '../events.ts';
import { findBackOffMs } from '../pacing/back-off.ts';
import type { Broker } from '../parts.ts';
import { buildAlarm } from './alarm.ts';
import { buildRemoval } from './revoke.ts';

const LONGEST_RETRY_MS = 60 * SECOND_MS;
/** What goes on failing for the same reason is on record again, so that the log says that it still does. */
const TELL_AGAIN_MS = 3600 * SECOND_MS;
/** A reason with a port or a time in it is another one each time. */
const TELL_OTHER_MS = 600 * SECOND_MS;

export type FailedRemoval = { readonly grant: Grant; readonly why: string };

/**
 * A failed attempt is seen by everyone and tried again for ever, less and less often (S5). The log is for ever, too: it
 * has the first, those that failed for another reason, and one an hour.
 */
export async function recordFailure(
  broker: Broker,
  taken: TakenWork,
  { grant, why }: FailedRemoval,
): Promise<void> {
  const now = broker.clock.now();
  const attempts = grant.revocation.attempts + 1;
  const delayMs = findBackOffMs({ id: grant.id, attempts, longestMs: LONGEST_RETRY_MS });
  const tried: Grant = { ...grant, revocation: { ...grant.revocation, attempts, lastError: why } };
  const again = buildRemoval(tried, now + delayMs);
  if (isToldAlready(grant, { why, now })) {
    await broker.store.recordAttempt({ grant: tried, taken, again });
    return;
  }
  const revocation = { ...tried.revocation, told: { at: now, why } };
  await broker.store.commit({
    grant: { before: grant, after: { ...grant, version: grant.version + 1, revocation } },
    event: buildEvent(broker, {
      kind: 'grant.revocation_failed',
      actor: SYSTEM,
      requestId: grant.requestId,
      grantId: grant.id,
      detail: { attempts, why },
    }),
    work: [...(attempts === 1 ? [{ queue: buildAlarm(broker, grant) }] : []), { queue: again }],
  });
}

function isToldAlready(
  { revocation: { told } }: Grant,
  { why, now }: { readonly why: string; readonly now: Instant },
): boolean {
  if (told === undefined || now < told.at) return false;
  return now - told.at < (why === told.why ? TELL_AGAIN_MS : TELL_OTHER_MS);
}
