import type { Asker, Broker } from '../../broker/parts.ts';
import type { AuditEventKind } from '../../core/audit/event.ts';
import { LONGEST_EVENT_STREAM_MS } from '../../core/limits.ts';
import { SECOND_MS } from '../../core/time.ts';
import { encodeChange } from '../../core/wire/live.ts';
import type { Alarm } from './alarm.ts';
import type { Entry, Feed } from './feed.ts';
import type { Pen } from './pen.ts';
import { createSight, type Sight } from './sight.ts';

export type Following = {
  readonly broker: Broker;
  readonly feed: Feed;
  readonly asker: Asker;
  readonly readAsker: () => Promise<Asker | undefined>;
  readonly pen: Pen;
  readonly alarm: Alarm;
  /** What the client has seen; undefined: everything up to now. */
  readonly since: number | undefined;
  /** The client left. */
  readonly gone: AbortSignal;
};

const HEARTBEAT_MS = 15 * SECOND_MS;
const RECONNECT_MS = 2 * SECOND_MS;
/** After these anybody's session may be over: it is looked at again at once. */
const ENDS_SESSIONS: ReadonlySet<AuditEventKind> = new Set([
  'session.ended',
  'person.left',
  'people.revoked',
]);
/** A client that has not read for so many heartbeats is sent away. */
const MOST_MISSED_BEATS = 2;

/** Where one stream stands. */
type Stand = { position: number; isSeen: Sight; beatAtMs: number; missedBeats: number };

/** Tells one client of what it may see until it leaves, its session or the server's ends, or its time is over. */
export async function keepUp(following: Following): Promise<'ended' | 'stuck'> {
  const { broker, feed, pen, alarm, since, gone } = following;
  const { clock } = broker;
  const stopListening = feed.listen(alarm.ring);
  try {
    const endMs = clock.monotonicMs() + LONGEST_EVENT_STREAM_MS;
    const stand: Stand = {
      position: since ?? (await feed.findPosition()),
      isSeen: createSight(broker, following.asker),
      beatAtMs: clock.monotonicMs() + HEARTBEAT_MS,
      missedBeats: 0,
    };
    pen.write(`retry: ${RECONNECT_MS}`);
    while (!gone.aborted && !feed.closing.aborted && clock.monotonicMs() < endMs) {
      if (clock.monotonicMs() >= stand.beatAtMs && !(await beat(following, stand))) return 'ended';
      if (stand.missedBeats >= MOST_MISSED_BEATS) return 'stuck';
      const moved = pen.hasRoom() ? await tell(following, stand) : 'still';
      if (moved === 'ended') return 'ended';
      if (moved === 'still') await alarm.sleep(Math.min(stand.beatAtMs, endMs) - clock.monotonicMs());
    }
    return 'ended';
  } finally {
    stopListening();
  }
}

/** A sign of life, which also tells how far this client has seen; with it, whether it is still logged in, and as whom. */
async function beat({ broker, pen, readAsker }: Following, stand: Stand): Promise<boolean> {
  const asker = await readAsker();
  if (!asker) return false;
  stand.isSeen = createSight(broker, asker);
  stand.beatAtMs = broker.clock.monotonicMs() + HEARTBEAT_MS;
  stand.missedBeats = pen.hasRoom() ? 0 : stand.missedBeats + 1;
  if (pen.hasRoom()) pen.write(': still here', ...writeId(stand.position));
  return true;
}

async function tell(following: Following, stand: Stand): Promise<'moved' | 'still' | 'ended'> {
  const { feed, pen } = following;
  const entries = await feed.readAfter(stand.position);
  if (!entries) {
    stand.position = await feed.findPosition();
    pen.write('event: reset', ...writeId(stand.position), 'data: {}');
    return 'moved';
  }
  for (const entry of entries) {
    if (!pen.hasRoom() || following.gone.aborted) break;
    if (ENDS_SESSIONS.has(entry.change.kind) && !(await beat(following, stand))) return 'ended';
    await tellOf(following, stand, entry);
  }
  return entries.length > 0 ? 'moved' : 'still';
}

async function tellOf({ pen, gone }: Following, stand: Stand, entry: Entry): Promise<void> {
  const { change } = entry;
  const isSeen = await stand.isSeen(entry);
  if (gone.aborted) return;
  stand.position = change.position;
  if (isSeen) {
    pen.write('event: change', ...writeId(change.position), `data: ${JSON.stringify(encodeChange(change))}`);
  }
}

/** Only of a position that the client can come back with: one that it made up is not repeated. */
function writeId(position: number): readonly string[] {
  return Number.isSafeInteger(position) ? [`id: ${position}`] : [];
}
