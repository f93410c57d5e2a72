import type { Grant } from '../../core/grant.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Meter } from '../../core/ports/meter.ts';
import type { Change, Store, Transition } from '../../core/ports/store.ts';
import { type Instant, SECOND_MS } from '../../core/time.ts';

const ORDERS = ['grant.revoking', 'grant.failed'];
const MOST_EVENTS = 100;
/** Of those whose end another process proves, nobody here hears. */
const MOST_KEPT = 100_000;

type Parts = {
  readonly meter: Pick<Meter, 'countOutcome' | 'observeRevocation'>;
  readonly clock: Pick<Clock, 'now'>;
};

/** The same store; what is committed through it is counted. */
export function measureStore(store: Store, { meter, clock }: Parts): Store {
  const endedBy = new Map<string, Instant>();
  const count = async ({ request, grant }: Transition): Promise<void> => {
    if (request) countOutcome(meter, request);
    if (!grant || 'insert' in grant) return;
    const { before, after } = grant;
    if (before.state !== 'revoking' && after.state === 'revoking' && endedBy.size < MOST_KEPT)
      endedBy.set(after.id, findEnd(after, clock.now()));
    if (!isDone(before, after)) return;
    const from = endedBy.get(after.id) ?? (await findOrder(store, after));
    endedBy.delete(after.id);
    if (from !== undefined) meter.observeRevocation(Math.max(0, clock.now() - from) / SECOND_MS);
  };
  return {
    ...store,
    commit: async (transition) => {
      const outcome = await store.commit(transition);
      // Whether it could be counted changes nothing of what was committed.
      if (outcome === 'committed') void count(transition).catch(() => undefined);
      return outcome;
    },
  };
}

/** All is done that can be done: it is proved gone, or what was given out runs out by itself, at a time that is known. */
function isDone(before: Grant, after: Grant): boolean {
  const [lingered, lingers] = [before, after].map(({ revocation }) => revocation.lingersUntil !== undefined);
  return lingers ? !lingered : after.state === 'ended' && !lingered;
}

function countOutcome(meter: Parts['meter'], change: Change<{ readonly state: string }>): void {
  const [before, after] = 'insert' in change ? [undefined, change.insert] : [change.before, change.after];
  if (before?.state !== after.state) meter.countOutcome(after.state);
}

/** What has run out is late from its end on, and not from when somebody noticed. */
function findEnd(grant: Grant, now: Instant): Instant {
  return grant.endedBecause === 'expired' ? grant.expiresAt : now;
}

/** Where another process ordered the end. */
async function findOrder(store: Store, grant: Grant): Promise<Instant | undefined> {
  const events = await store.listEvents({ grantId: grant.id, limit: MOST_EVENTS });
  const order = events.find(({ kind }) => ORDERS.includes(kind));
  return order && findEnd(grant, order.at);
}
