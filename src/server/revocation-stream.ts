import type { Context } from 'hono';
import { EVENT_STREAM_BUFFER_BYTES, LONGEST_EVENT_STREAM_MS } from '../core/limits.ts';
import type { Clock } from '../core/ports/clock.ts';
import { SECOND_MS } from '../core/time.ts';
import { EVENT_STREAM_TYPE, LAST_EVENT_HEADER } from '../core/wire/live.ts';
import type { ApiEnvironment } from './api/context.ts';
import { type Alarm, createAlarm } from './live/alarm.ts';
import type { Entry } from './live/feed.ts';
import type { Live } from './live/live.ts';
import { createPen, type Pen } from './live/pen.ts';
import type { ResourceServer } from './oauth/resource-servers.ts';

export type RevocationStreamParts = Live & {
  readonly clock: Clock;
  /** Told of tokens of its own targets, and of no others (TOK-06). */
  readonly asker: ResourceServer;
  readonly onError: (error: unknown) => void;
};

/** Somebody who hears nothing for longer than two of these believes nothing any more. */
const HEARTBEAT_MS = 5 * SECOND_MS;
const RECONNECT_MS = SECOND_MS;
const MOST_MISSED_BEATS = 2;

/**
 * Server-sent events for one service: `revoked` with the `jti` of each token that died before its end. Every event and
 * every heartbeat has the position in the log for an id: with `Last-Event-ID` a service that was away is told what it
 * missed, or gets `reset` where that is too much to tell. Throws `too_many`.
 */
export function streamRevocations(c: Context<ApiEnvironment>, parts: RevocationStreamParts): Response {
  const leave = parts.seats.take(`service ${parts.asker.name}`);
  const alarm = createAlarm(parts.clock);
  const gone = new AbortController();
  const outgoing = c.env?.outgoing;
  const since = readPosition(c.req.header(LAST_EVENT_HEADER));
  const stream = new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        const pen = createPen(controller, gone.signal);
        void keepTelling({ ...parts, pen, alarm, since, gone: gone.signal })
          .then((how) => (how === 'stuck' ? outgoing?.destroy() : undefined), parts.onError)
          .finally(() => {
            leave();
            pen.close();
          });
      },
      pull: alarm.ring,
      cancel: () => {
        gone.abort();
        alarm.ring();
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: EVENT_STREAM_BUFFER_BYTES }),
  );
  return c.body(stream, 200, {
    'content-type': EVENT_STREAM_TYPE,
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
}

/** What is no position is one that nothing can be told from: then there is a `reset`. */
function readPosition(text: string | undefined): number | undefined {
  if (!text) return undefined;
  return /^\d{1,15}$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY;
}

type Telling = RevocationStreamParts & {
  readonly pen: Pen;
  readonly alarm: Alarm;
  readonly since: number | undefined;
  readonly gone: AbortSignal;
};

async function keepTelling(telling: Telling): Promise<'ended' | 'stuck'> {
  const { feed, pen, alarm, clock, since, gone } = telling;
  const stopListening = feed.listen(alarm.ring);
  const endMs = clock.monotonicMs() + LONGEST_EVENT_STREAM_MS;
  try {
    let position = since ?? (await feed.findPosition());
    let beatAtMs = clock.monotonicMs();
    let missedBeats = 0;
    pen.write(`retry: ${RECONNECT_MS}`);
    while (!gone.aborted && !feed.closing.aborted && clock.monotonicMs() < endMs) {
      const moved = pen.hasRoom() ? await tellAfter(telling, position) : position;
      if (clock.monotonicMs() >= beatAtMs) {
        missedBeats = pen.hasRoom() ? 0 : missedBeats + 1;
        if (missedBeats >= MOST_MISSED_BEATS) return 'stuck';
        if (pen.hasRoom()) pen.write(': still here', `id: ${moved}`);
        beatAtMs = clock.monotonicMs() + HEARTBEAT_MS;
      }
      if (moved === position) await alarm.sleep(Math.min(beatAtMs, endMs) - clock.monotonicMs());
      position = moved;
    }
    return 'ended';
  } finally {
    stopListening();
  }
}

/** Returns how far it came: a reader that is full is told the rest when there is room. */
async function tellAfter({ feed, pen, asker, gone }: Telling, position: number): Promise<number> {
  const entries = await feed.readAfter(position);
  if (!entries) {
    const newest = await feed.findPosition();
    pen.write('event: reset', `id: ${newest}`, 'data: {}');
    return newest;
  }
  let told = position;
  for (const entry of entries) {
    if (!pen.hasRoom() || gone.aborted) break;
    const dead = await findDead(entry, asker);
    told = entry.change.position;
    if (dead) pen.write('event: revoked', `id: ${told}`, `data: ${JSON.stringify(dead)}`);
  }
  return told;
}

async function findDead({ change, readSubject }: Entry, { targets }: ResourceServer) {
  if (change.grantId === null) return undefined;
  const { grant } = await readSubject();
  const isDead = grant?.state === 'revoking' || grant?.state === 'ended';
  return isDead && targets.includes(grant.target) ? { jti: grant.tokenId, grant_id: grant.id } : undefined;
}
