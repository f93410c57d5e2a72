import type { Decision } from '../../core/decision.ts';
import { fail } from '../../core/errors.ts';
import type { Principal } from '../../core/principal.ts';
import type { AccessRequest, Asked } from '../../core/request.ts';
import { countVisible } from '../../core/text.ts';
import type { Asker, Broker } from '../parts.ts';

/** Of everybody, as the inbox of those who should look at them. */
const LOOKED_THROUGH = 5_000;

/**
 * What break-glass is held to whatever policy says: short, with a reason that others can judge afterwards, and none while
 * an earlier one was not looked at in time. Whom policy refuses hears that first.
 */
export async function requireBreakGlass(
  broker: Broker,
  asker: Asker,
  { asked, decision }: { readonly asked: Asked; readonly decision: Decision },
): Promise<void> {
  if (!asked.breakGlass || decision.outcome === 'denied') return;
  requireShort(broker, asked);
  await requireNoneOverdue(broker, asker);
}

function requireShort(broker: Broker, asked: Asked): void {
  const { maxSeconds, reasonLength } = broker.settings.breakGlass;
  if (asked.durationSeconds > maxSeconds)
    throw fail('duration_too_long', {
      scope: 'break-glass',
      maxSeconds,
      askedSeconds: asked.durationSeconds,
    });
  const length = countVisible(asked.reason);
  if (length < reasonLength)
    throw fail('bad_reason', {
      why: `is too short for break-glass: ${length} of at least ${reasonLength} characters`,
    });
}

/** Whoever has break-glass that nobody looked at in time gets no more of it, with none of their accounts. */
async function requireNoneOverdue(broker: Broker, { principal }: Asker): Promise<void> {
  const due = await broker.store.listRequests({ isReviewDue: true, limit: LOOKED_THROUGH });
  const now = broker.clock.now();
  const overdue = due.filter(
    (request) => isReviewOverdue(request, now) && isOneHuman(request.requestedBy, principal),
  );
  if (overdue.length > 0) throw fail('review_overdue', { ids: overdue.map(({ id }) => id) });
}

/** As the identity knows them. Looking alike is no reason to refuse somebody in an emergency. */
function isOneHuman(left: Principal, right: Principal): boolean {
  return left.subject === right.subject || left.person === right.person;
}

function isReviewOverdue({ afterwards }: Pick<AccessRequest, 'afterwards'>, now: number): boolean {
  return afterwards !== null && afterwards.review === null && now >= afterwards.dueAt;
}
