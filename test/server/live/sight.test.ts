import { afterEach, beforeEach, expect, it } from 'vitest';
import type { AccessRequest } from '../../../src/core/request.ts';
import type { Entry } from '../../../src/server/live/feed.ts';
import { createSight } from '../../../src/server/live/sight.ts';
import { buildAsker, lead, type TestBroker } from '../../support/broker.ts';
import { openReviewBroker } from '../../support/reviews/reviewing.ts';

const stranger = buildAsker('stranger', ['engineers']);

let broker: TestBroker;
let asked: number;

beforeEach(async () => {
  broker = await openReviewBroker();
  asked = 0;
  const { may } = broker.policy;
  broker.policy.may = (question) => {
    asked += 1;
    return may?.(question) ?? false;
  };
});

afterEach(() => broker.store.close());

function buildEntries(request: AccessRequest): readonly Entry[] {
  return Array.from({ length: 100 }, (_, index) => {
    const one: AccessRequest = { ...request, id: `req_${index}` };
    const about = { requestId: one.id, grantId: null, kind: 'request.submitted', at: 0 } as const;
    return {
      change: { ...about, position: index + 1 },
      readSubject: async () => ({ request: one, grant: undefined }),
    };
  });
}

it.each([
  { who: 'a reviewer', asker: lead, isSeen: true, most: 2 },
  { who: 'somebody else', asker: stranger, isSeen: false, most: 2 },
])('INP-01: asks policy once for each kind of change that comes to $who', async ({ asker, isSeen, most }) => {
  const entries = buildEntries(await broker.ask());
  const sight = createSight(broker, asker);
  const before = asked;
  for (const entry of entries) expect(await sight(entry)).toBe(isSeen);
  expect(asked - before).toBeLessThanOrEqual(most);
  expect(asked - before).toBeGreaterThan(0);
});

it('asks again with the next sight, and for what is of another kind by then', async () => {
  const request = await broker.ask();
  const entries = buildEntries(request);
  const [first] = entries;
  if (!first) throw new Error('there is a first');
  const sight = createSight(broker, stranger);
  expect(await sight(first)).toBe(false);
  broker.policy.may = () => true;
  expect(await sight({ ...first, readSubject: async () => ({ request, grant: undefined }) })).toBe(false);
  expect(await createSight(broker, stranger)(first)).toBe(true);
  const longer = { ...request, durationSeconds: request.durationSeconds + 1 };
  expect(await sight({ ...first, readSubject: async () => ({ request: longer, grant: undefined }) })).toBe(
    true,
  );
});
