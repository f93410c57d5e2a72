import { it } from 'vitest';
import { raceToDecide } from '../../support/faults/decision-race.ts';
import { openReviewBroker } from '../../support/reviews/reviewing.ts';

it('APR-02: of 32 who approve, deny, cancel, revoke and let lapse at once, one wins, 200 times over two brokers', async () => {
  const first = await openReviewBroker();
  await raceToDecide(first, { ...first, wake: () => {} }, { seed: 42, rounds: 200 });
  await first.store.close();
});
