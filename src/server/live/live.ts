import type { Broker } from '../../broker/parts.ts';
import {
  EVENT_STREAMS_IN_ALL,
  EVENT_STREAMS_PER_PERSON,
  REVOCATION_STREAMS_IN_ALL,
  REVOCATION_STREAMS_PER_SERVICE,
} from '../../core/limits.ts';
import type { Clock } from '../../core/ports/clock.ts';
import { createFeed, type Feed, type FeedStore } from './feed.ts';
import { createSeats, type Seats } from './seats.ts';
/** What all live updates of one server share. */
export type Live = {
  readonly feed: Feed;
  /** Of the event streams of people, wherever they are read. */
  readonly seats: Seats;
  /** Of the services that hear of revocations. */
  readonly serviceSeats: Seats;
};

/** What every stream and every long poll is made of. */
export type LiveParts = Pick<Live, 'feed' | 'seats'> & { readonly broker: Broker };

export function createLive(store: FeedStore, clock: Pick<Clock, 'monotonicMs'>): Live {
  const seats = createSeats({
    what: 'event streams at one time',
    mostPerPerson: EVENT_STREAMS_PER_PERSON,
    mostInAll: EVENT_STREAMS_IN_ALL,
  });
  const serviceSeats = createSeats({
    what: 'streams of revocations at one time',
    mostPerPerson: REVOCATION_STREAMS_PER_SERVICE,
    mostInAll: REVOCATION_STREAMS_IN_ALL,
  });
  return { feed: createFeed(store, clock), seats, serviceSeats };
}
