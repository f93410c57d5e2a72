import type { Broker } from '../../broker/parts.ts';
import { EVENT_STREAMS_IN_ALL, EVENT_STREAMS_PER_PERSON } from '../../core/limits.ts';
import type { Clock } from '../../core/ports/clock.ts';
import { createFeed, type Feed, type FeedStore } from './feed.ts';
import { createSeats, type Seats } from './seats.ts';
/** What all live updates of one server share. */
export type Live = {
  readonly feed: Feed;
  /** Of the event streams, wherever they are read. */
  readonly seats: Seats;
};

/** What every stream and every long poll is made of. */
export type LiveParts = Live & { readonly broker: Broker };

export function createLive(store: FeedStore, clock: Pick<Clock, 'monotonicMs'>): Live {
  const seats = createSeats({
    what: 'event streams at one time',
    mostPerPerson: EVENT_STREAMS_PER_PERSON,
    mostInAll: EVENT_STREAMS_IN_ALL,
  });
  return { feed: createFeed(store, clock), seats };
}
