import { REQUEST_POLLS_IN_ALL, REQUEST_POLLS_PER_PERSON } from '../../core/limits.ts';
import { createSeats, type Seats } from '../live/seats.ts';

/** Where those sit who wait for one request: each holds a connection and a listener for as long as it waits. */
export function createRequestPolls(): Seats {
  return createSeats({
    what: 'requests that are waited for at one time',
    mostPerPerson: REQUEST_POLLS_PER_PERSON,
    mostInAll: REQUEST_POLLS_IN_ALL,
  });
}
