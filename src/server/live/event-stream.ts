import type { Context } from 'hono';
import type { Asker } from '../../broker/parts.ts';
import { EVENT_STREAM_BUFFER_BYTES } from '../../core/limits.ts';
import { EVENT_STREAM_TYPE, LAST_EVENT_HEADER } from '../../core/wire/live.ts';
import type { ApiEnvironment } from '../api/context.ts';
import { createAlarm } from './alarm.ts';
import { keepUp } from './keep-up.ts';
import type { LiveParts } from './live.ts';
import { createPen } from './pen.ts';

export type EventStreamParts = LiveParts & {
  readonly asker: Asker;
  /** Who it is by now, with groups as they are now; undefined once the session has ended, and then the stream ends. */
  readonly readAsker: () => Promise<Asker | undefined>;
  readonly onError: (error: unknown) => void;
};

/**
 * Server-sent events (HTML Living Standard §9.2): that something happened to a request or grant that the asker may
 * see, never what is in it. Each has its position in the log for an id; a client that comes back with `Last-Event-ID`,
 * or comes with `?after=`, is told what it missed, or gets the event `reset` where that is too much. A client reads as
 * fast as it can: nothing piles up for it here. Throws `too_many`.
 */
export function streamEvents(c: Context<ApiEnvironment>, parts: EventStreamParts): Response {
  const headers = {
    'content-type': EVENT_STREAM_TYPE,
    'cache-control': 'no-store',
    // A proxy that collects answers would hold the events back.
    'x-accel-buffering': 'no',
  };
  if (c.req.method === 'HEAD') return c.body(null, 200, headers);
  const since = readPosition(c);
  const outgoing = c.env?.outgoing;
  return c.body(openStream(parts, { since, drop: () => outgoing?.destroy() }), 200, headers);
}

/** Where the client left off. What is no position is one that cannot be told from: then there is a `reset`. */
function readPosition(c: Context): number | undefined {
  const text = c.req.header(LAST_EVENT_HEADER) || c.req.query('after');
  if (!text) return undefined;
  return /^\d{1,15}$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY;
}

function openStream(
  parts: EventStreamParts,
  client: { readonly since: number | undefined; readonly drop: () => void },
): ReadableStream<Uint8Array> {
  const leave = parts.seats.take(parts.asker.principal.subject);
  const alarm = createAlarm(parts.broker.clock);
  const gone = new AbortController();
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        const pen = createPen(controller, gone.signal);
        void keepUp({ ...parts, pen, alarm, since: client.since, gone: gone.signal })
          .then((how) => (how === 'stuck' ? client.drop() : undefined), parts.onError)
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
}
