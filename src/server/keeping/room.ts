import { buildEvent, SYSTEM } from '../../broker/events.ts';
import type { Claim } from '../../broker/grant/claim.ts';
import { fail, hasCode } from '../../core/errors.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Ids } from '../../core/ports/ids.ts';
import type { Log } from '../../core/ports/log.ts';
import type { Room } from '../../core/ports/room.ts';
import type { Store } from '../../core/ports/store.ts';
import { SECOND_MS } from '../../core/time.ts';

const LOOK_EVERY_MS = 5 * SECOND_MS;

export type RoomKeeping = {
  readonly room: Room;
  readonly store: Pick<Store, 'commit'>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly onError: (error: unknown) => void;
};

/** Has room set aside, again once there is some, and tells of a full disk and of its end: in the log, and on record. */
export function startRoomKeeping(parts: RoomKeeping): { readonly stop: () => Promise<void> } {
  const { room, clock, onError } = parts;
  const stopping = new AbortController();
  let telling: Promise<void> = Promise.resolve();
  const change = (isShort: boolean): void => {
    telling = telling.then(() => tell(parts, isShort)).catch(onError);
  };
  const forget = room.watch(change);
  if (room.isShort()) change(true);
  const run = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(LOOK_EVERY_MS, stopping.signal);
      if (stopping.signal.aborted) return;
      await room.look().catch(onError);
    }
  };
  const running = run();
  return {
    stop: async () => {
      stopping.abort();
      forget();
      await running;
      await telling;
    },
  };
}

async function tell({ store, log, ...parts }: RoomKeeping, isShort: boolean): Promise<void> {
  const kind = isShort ? 'store.full' : 'store.has_room';
  log({ level: isShort ? 'error' : 'info', event: kind });
  await store.commit({ event: buildEvent(parts, { kind, actor: SYSTEM }) });
}

/** A claim that is refused before it begins while the disk is full: its first step may be at a target. No token is signed again either. */
export function withholdClaim(claim: Claim, room: Pick<Room, 'isShort'>): Claim {
  return async (asker, requestId, what) => {
    if (room.isShort()) throw fail('store_full', {});
    return await claim(asker, requestId, what);
  };
}

/** What fails of the server's own work because the disk is full is tried again, and is told of once, not every time. */
export function besidesFull(report: (error: unknown) => void): (error: unknown) => void {
  return (error) => {
    if (!hasCode(error, 'store_full')) report(error);
  };
}
