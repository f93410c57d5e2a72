import { LONGEST_EVENT_STREAM_MS } from '../../core/limits.ts';
import type { Clock } from '../../core/ports/clock.ts';
import { SECOND_MS } from '../../core/time.ts';
import type { Alarm } from './alarm.ts';
import type { Entry, Feed } from './feed.ts';
import type { Pen } from './pen.ts';

export type Telling = {
  readonly feed: Feed;
  readonly clock: Clock;
  /** Those of the service that listens: it is told of their tokens, and of no others (TOK-06). */
  readonly targets: readonly string[];
  readonly pen: Pen;
  readonly alarm: Alarm;
  /** What the service has heard; undefined: everything up to now. */
  readonly since: number | undefined;
  /** The service left. */
  readonly gone: AbortSignal;
};

/** Somebody who hears nothing for longer than two of these believes nothing any more. */
const HEARTBEAT_MS = 5 * SECOND_MS;
const RECONNECT_MS = SECOND_MS;
const MOST_MISSED_BEATS = 2;

/** Where one stream stands. */
type Stand = { position: number; beatAtMs: number; missedBeats: number };

/** Tells one service which tokens died, until it leaves, the server ends, its time is over or the log cannot be read: then it rejects. */
export async function keepTelling(telling: Telling): Promise<'ended' | 'stuck'> {
  const { feed, pen, alarm, clock, since, gone } = telling;
  const stopListening = feed.listen(alarm.ring);
  const endMs = clock.monotonicMs() + LONGEST_EVENT_STREAM_MS;
  try {
    const position = since ?? (await feed.findPosition());
    const stand: Stand = { position, beatAtMs: clock.monotonicMs(), missedBeats: 0 };
    pen.write(`retry: ${RECONNECT_MS}`);
    while (!gone.aborted && !feed.closing.aborted && clock.monotonicMs() < endMs) {
      const isStill = await tellAndBeat(telling, stand);
      if (stand.missedBeats >= MOST_MISSED_BEATS) return 'stuck';
      const restMs = Math.min(stand.beatAtMs, endMs) - clock.monotonicMs();
      if (isStill && restMs > 0) await alarm.sleep(restMs);
    }
    return 'ended';
  } finally {
    stopListening();
  }
}

/**
 * A sign of life says that nothing else was revoked until now. So it comes of a look at the log, after which all was
 * told: from memory, a server that lost its store would say for ever that nothing happens. Returns whether nothing moved.
 */
async function tellAndBeat(telling: Telling, stand: Stand): Promise<boolean> {
  const { feed, pen, clock } = telling;
  const isDue = clock.monotonicMs() >= stand.beatAtMs;
  const lookedAtMs = isDue ? await feed.look() : Number.NEGATIVE_INFINITY;
  const before = stand.position;
  const isAllTold = pen.hasRoom() && (await tellRest(telling, stand));
  if (!isDue) return stand.position === before;
  const isFresh = clock.monotonicMs() - lookedAtMs < HEARTBEAT_MS;
  if (pen.hasRoom() && !(isAllTold && isFresh)) return false;
  stand.missedBeats = pen.hasRoom() ? 0 : stand.missedBeats + 1;
  stand.beatAtMs = clock.monotonicMs() + HEARTBEAT_MS;
  if (pen.hasRoom()) pen.write(': still here', `id: ${stand.position}`);
  return stand.position === before;
}

/** False where it did not come to the end: a reader that is full is told the rest when there is room. */
async function tellRest({ feed, pen, targets, gone }: Telling, stand: Stand): Promise<boolean> {
  const entries = await feed.readAfter(stand.position);
  if (!entries) {
    stand.position = await feed.findPosition();
    pen.write('event: reset', `id: ${stand.position}`, 'data: {}');
    return true;
  }
  for (const entry of entries) {
    if (!pen.hasRoom() || gone.aborted) return false;
    const dead = await findDead(entry, targets);
    stand.position = entry.change.position;
    if (dead) pen.write('event: revoked', `id: ${stand.position}`, `data: ${JSON.stringify(dead)}`);
  }
  return true;
}

async function findDead({ change, readSubject }: Entry, targets: readonly string[]) {
  if (change.grantId === null) return undefined;
  const { grant } = await readSubject();
  const isDead = grant?.state === 'revoking' || grant?.state === 'ended';
  return isDead && targets.includes(grant.target) ? { jti: grant.tokenId, grant_id: grant.id } : undefined;
}
