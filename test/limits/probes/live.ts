import { vi } from 'vitest';
import { INBOX_POLLS_PER_PERSON } from '../../../src/core/limits.ts';
import type { LoggedChange } from '../../../src/core/ports/store.ts';
import type { GrantView, RequestView } from '../../../src/core/view.ts';
import { createFeed } from '../../../src/server/live/feed.ts';
import { createLive } from '../../../src/server/live/live.ts';
import { selectGrants } from '../../../src/server/pages/review/grants/grants-page.tsx';
import { selectInbox } from '../../../src/server/pages/review/inbox/filter.ts';
import { openTestApi } from '../../support/api.ts';
import { buildAsker, lead } from '../../support/broker.ts';
import { readEvents } from '../../support/events.ts';
import type { Probe } from '../ground.ts';

const QUIET_STORE = {
  changes: () => () => {},
  listChanges: async () => [],
  findPosition: async () => 0,
  readRequest: async () => undefined,
  readGrant: async () => undefined,
};

const QUIET_CLOCK = { monotonicMs: () => 0 };

/** Limits on what goes on for long, or is shown at once. */
export const liveProbes = {
  INBOX_ROWS_PER_PAGE: (size) => {
    const requests = Array.from({ length: size }, (_, index) => ({ id: `req_${index}` }) as RequestView);
    return selectInbox({ requests, afterwards: [] }, { filter: '', page: 1 }).shown === size;
  },
  GRANT_ROWS_PER_PAGE: (size) => {
    const grants = Array.from({ length: size }, (_, index) => ({ id: `gr_${index}` }) as GrantView);
    return selectGrants(grants, 1).rows.length === size;
  },
  EVENT_STREAMS_PER_PERSON: (size) => canSeat(size, () => 'dev:dev', 'seats'),
  EVENT_STREAMS_IN_ALL: (size) => canSeat(size, (index) => `dev:${index}`, 'seats'),
  REVOCATION_STREAMS_PER_SERVICE: (size) => canSeat(size, () => 'orders-api', 'serviceSeats'),
  REVOCATION_STREAMS_IN_ALL: (size) => canSeat(size, (index) => `service-${index}`, 'serviceSeats'),
  EVENT_STREAM_BUFFER_BYTES: async (size) => {
    await using api = await openTestApi();
    const strategy = vi.spyOn(globalThis, 'ByteLengthQueuingStrategy');
    const events = readEvents(await api.send(lead, '/v1/events'));
    await events.leave();
    const [{ highWaterMark } = { highWaterMark: 0 }] = strategy.mock.calls[0] ?? [];
    strategy.mockRestore();
    return highWaterMark >= size;
  },
  MOST_REPLAYED_CHANGES: async (size) => {
    const changes = Array.from({ length: size }, (_, index) => ({ position: index + 1 }) as LoggedChange);
    const store = {
      ...QUIET_STORE,
      findPosition: async () => size,
      listChanges: async ({ limit }: { readonly limit: number }) => changes.slice(0, limit),
    };
    const feed = createFeed(store, QUIET_CLOCK);
    return (await feed.readAfter(0))?.length === size;
  },
  LONGEST_EVENT_STREAM_MS: async (size) => {
    await using api = await openTestApi();
    const events = readEvents(await api.send(lead, '/v1/events'));
    await events.opened;
    let isOver = false;
    void events.ended.then(() => {
      isOver = true;
    });
    const { clock } = api.broker;
    for (let passedMs = 0; passedMs < size - 1 && !isOver; ) {
      await clock.untilSleeping();
      const stepMs = Math.min(15_000, size - 1 - passedMs);
      passedMs += stepMs;
      await clock.advance(stepMs);
    }
    await new Promise((resolve) => setImmediate(resolve));
    const isOpen = !isOver;
    await events.leave();
    return isOpen;
  },
  INBOX_POLLS_PER_PERSON: (size) => canPoll(size, () => lead),
  INBOX_POLLS_IN_ALL: (size) =>
    canPoll(size, (index) => buildAsker(`reviewer-${Math.floor(index / INBOX_POLLS_PER_PERSON)}`)),
} satisfies Readonly<Record<string, Probe>>;

function canSeat(
  count: number,
  subjectOf: (index: number) => string,
  which: 'seats' | 'serviceSeats',
): boolean {
  const live = createLive(QUIET_STORE, QUIET_CLOCK);
  try {
    for (let index = 0; index < count; index += 1) live[which].take(subjectOf(index));
    return true;
  } catch {
    return false;
  } finally {
    live.feed.close();
  }
}

async function canPoll(count: number, askerOf: (index: number) => typeof lead): Promise<boolean> {
  await using api = await openTestApi();
  const { position } = (await api.get<{ readonly position: number }>(lead, '/v1/inbox')).body;
  const path = `/v1/inbox?after=${position}&wait_seconds=25`;
  const waiting = Array.from({ length: count - 1 }, (_, index) => api.get(askerOf(index), path));
  await api.broker.clock.untilSleeping(count - 1);
  const last = api.get(askerOf(count - 1), path);
  // It sleeps with the others, or it is answered.
  await Promise.race([api.broker.clock.untilSleeping(count), last]);
  api.live.feed.close();
  await Promise.all(waiting);
  return (await last).status === 200;
}
