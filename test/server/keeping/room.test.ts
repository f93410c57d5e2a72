import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../../src/broker/grant/delivery.ts';
import type { AuditEvent } from '../../../src/core/audit/event.ts';
import { fail } from '../../../src/core/errors.ts';
import type { LogEntry } from '../../../src/core/ports/log.ts';
import type { Room } from '../../../src/core/ports/room.ts';
import { besidesFull, startRoomKeeping, withholdClaim } from '../../../src/server/keeping/room.ts';
import { dev } from '../../support/broker.ts';
import { createFakeClock } from '../../support/fakes/fake-clock.ts';

function openRoom(isShortAtFirst: boolean) {
  let isShort = isShortAtFirst;
  const listeners = new Set<(isShort: boolean) => void>();
  const looks: number[] = [];
  const room: Room = {
    isShort: () => isShort,
    watch: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    look: async () => void looks.push(looks.length),
  };
  const become = (next: boolean): void => {
    isShort = next;
    for (const listener of listeners) listener(next);
  };
  return { room, become, looks, listeners };
}

function keep(room: Room) {
  const clock = createFakeClock(0);
  const entries: LogEntry[] = [];
  const events: AuditEvent[] = [];
  const errors: unknown[] = [];
  let isBroken = false;
  const keeping = startRoomKeeping({
    room,
    store: {
      commit: async ({ event }) => {
        if (isBroken) throw fail('store_full', {});
        events.push(event);
        return 'committed';
      },
    },
    clock,
    ids: { newEventId: () => `ev_${events.length}` } as never,
    log: (entry) => entries.push(entry),
    onError: (error) => errors.push(error),
  });
  return {
    ...keeping,
    clock,
    errors,
    tellKinds: () => [entries.map(({ level, event }) => `${level} ${event}`), events.map(({ kind }) => kind)],
    break: () => {
      isBroken = true;
    },
  };
}

describe('the keeping of room', () => {
  it('tells of a full disk and of its end, in the log and on record, once each', async () => {
    const { room, become } = openRoom(false);
    const kept = keep(room);
    become(true);
    become(false);
    await kept.stop();
    expect(kept.tellKinds()).toEqual([
      ['error store.full', 'info store.has_room'],
      ['store.full', 'store.has_room'],
    ]);
  });

  it('tells of a disk that is full from the start', async () => {
    const kept = keep(openRoom(true).room);
    await kept.stop();
    expect(kept.tellKinds()).toEqual([['error store.full'], ['store.full']]);
  });

  it('tells it in the log where it cannot be put on record', async () => {
    const { room, become } = openRoom(false);
    const kept = keep(room);
    kept.break();
    become(true);
    await kept.stop();
    expect(kept.tellKinds()).toEqual([['error store.full'], []]);
    expect(kept.errors).toHaveLength(1);
  });

  it('looks every five seconds, until it is stopped', async () => {
    const { room, looks, listeners } = openRoom(false);
    const kept = keep(room);
    await kept.clock.advance(4_999);
    expect(looks).toHaveLength(0);
    await kept.clock.advance(5_001);
    expect(looks).toHaveLength(2);
    await kept.stop();
    await kept.clock.advance(60_000);
    expect([looks.length, listeners.size]).toEqual([2, 0]);
  });
});

describe('a claim', () => {
  const delivery = {} as Delivery;

  it('does not begin while there is only room for endings, and no token is signed again', async () => {
    const { room } = openRoom(true);
    const begun: unknown[] = [];
    const claim = withholdClaim(async (...given) => {
      begun.push(given);
      return delivery;
    }, room);
    await expect(claim(dev, 'req_1')).rejects.toMatchObject({ code: 'store_full' });
    await expect(claim(dev, 'req_1', { tokenOnly: true })).rejects.toMatchObject({ code: 'store_full' });
    expect(begun).toEqual([]);
  });
});

describe("the server's own work", () => {
  it('is told of where it fails, besides of the full disk, which is told already', () => {
    const told: unknown[] = [];
    const tell = besidesFull((error) => told.push(error));
    const broken = new Error('broken');
    tell(fail('store_full', {}));
    tell(broken);
    expect(told).toEqual([broken]);
  });
});
