import type { AccessRequest, Review } from '../../core/request.ts';
import type { Broker } from '../parts.ts';

/** The reviews that count while a request waits: of people who are still here. Who left approves nothing any more (APR-04). */
export async function listCounted(
  { directory }: Pick<Broker, 'directory'>,
  { state, reviews }: Pick<AccessRequest, 'state' | 'reviews'>,
): Promise<readonly Review[]> {
  if (state !== 'pending' || reviews.length === 0) return reviews;
  const people = await Promise.all(reviews.map(({ by }) => directory.find(by.subject)));
  return reviews.filter((_, position) => people[position] !== undefined);
}
