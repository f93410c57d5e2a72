import type { Context } from 'hono';
import { EVENT_STREAM_BUFFER_BYTES } from '../../core/limits.ts';
import type { Clock } from '../../core/ports/clock.ts';
import { EVENT_STREAM_TYPE, LAST_EVENT_HEADER } from '../../core/wire/live.ts';
import type { ApiEnvironment } from '../api/context.ts';
import { isPassing } from '../oauth/provider/unavailable.ts';
import type { ResourceServer } from '../oauth/services/resource-servers.ts';
import { createAlarm } from './alarm.ts';
import { keepTelling } from './keep-telling.ts';
import type { Live } from './live.ts';
import { createPen } from './pen.ts';

export type RevocationStreamParts = Pick<Live, 'feed' | 'serviceSeats'> & {
  readonly clock: Clock;
  /** Told of tokens of its own targets, and of no others (TOK-06). */
  readonly asker: ResourceServer;
  readonly onError: (error: unknown) => void;
};

const HEADERS = {
  'content-type': EVENT_STREAM_TYPE,
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
};

/**
 * Server-sent events for one service: `revoked` with the `jti` of each token that died before its end. Every event and
 * every heartbeat has the position in the log for an id: with `Last-Event-ID` a service that was away is told what it
 * missed, or gets `reset` where that is too much to tell. It does not begin, and ends, where the log cannot be read.
 * Throws `too_many` and `store_unreachable`.
 */
export async function streamRevocations(
  c: Context<ApiEnvironment>,
  parts: RevocationStreamParts,
): Promise<Response> {
  if (c.req.method === 'HEAD') return c.body(null, 200, HEADERS);
  const leave = parts.serviceSeats.take(parts.asker.name);
  try {
    await parts.feed.look();
  } catch (error) {
    leave();
    throw error;
  }
  const since = readPosition(c.req.header(LAST_EVENT_HEADER));
  const outgoing = c.env?.outgoing;
  return c.body(openStream(parts, { since, drop: () => outgoing?.destroy(), leave }), 200, HEADERS);
}

function openStream(
  parts: RevocationStreamParts,
  client: { readonly since: number | undefined; readonly drop: () => void; readonly leave: () => void },
): ReadableStream<Uint8Array> {
  const alarm = createAlarm(parts.clock);
  const gone = new AbortController();
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        const pen = createPen(controller, gone.signal);
        const { feed, clock, asker } = parts;
        const telling = { feed, clock, targets: asker.targets, pen, alarm, since: client.since };
        // That the store is away is told by whoever keeps house, and not for each service that listens.
        const tell = (error: unknown): void => (isPassing(error) ? undefined : parts.onError(error));
        void keepTelling({ ...telling, gone: gone.signal })
          .then((how) => (how === 'stuck' ? client.drop() : undefined), tell)
          .finally(() => {
            client.leave();
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

/** What is no position is one that nothing can be told from: then there is a `reset`. */
function readPosition(text: string | undefined): number | undefined {
  if (!text) return undefined;
  return /^\d{1,15}$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY;
}
