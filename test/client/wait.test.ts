import { describe, expect, it } from 'vitest';
import { type WaitOrder, wait } from '../../src/client/wait.ts';
import { fail } from '../../src/core/errors.ts';
import type { ApprovalBackend } from '../../src/core/ports/backend.ts';
import type { RequestView } from '../../src/core/view.ts';
import { createTestParts } from '../support/fakes/client-parts.ts';
import { buildClaimed, buildRequestView, MINUTE_MS, unreachable } from '../support/fakes/fake-backend.ts';
import { buildReview, withReviews } from '../support/fakes/fake-reviews.ts';

const pending = buildRequestView({ state: 'pending', grantId: null });
const approved = buildRequestView({ state: 'approved', grantId: null });

const order = (parts: Partial<WaitOrder> = {}): WaitOrder => ({
  requestId: 'req_1',
  timeoutSeconds: undefined,
  shouldClaim: true,
  signal: new AbortController().signal,
  onLook: () => undefined,
  ...parts,
});

/** `follow` that answers with these in turn, and after them only when it is aborted. */
function follows(...views: readonly RequestView[]): ApprovalBackend['follow'] {
  const rest = [...views];
  return async (_id, { signal }) => {
    const next = rest.shift();
    if (next) return next;
    return new Promise((_, reject) => {
      const leave = (): void => reject(fail('interrupted', { why: 'aborted' }));
      if (signal?.aborted) leave();
      signal?.addEventListener('abort', leave);
    });
  };
}

describe('waiting for a decision', () => {
  it('claims and keeps what was approved', async () => {
    const parts = createTestParts({
      backend: {
        readRequest: async () => pending,
        follow: follows(pending, approved),
        claim: async () => buildClaimed(),
      },
    });
    const looks: string[] = [];
    const standing = await wait(parts, order({ onLook: (view) => void looks.push(view.state) }));
    expect(standing.grant?.id).toBe('gr_1');
    expect(looks).toEqual(['pending', 'pending']);
    expect(Object.keys(parts.secrets())).toEqual(['prod:db.read on orders (gr_1)']);
    expect((await parts.held()).requests).toEqual([]);
  });

  it('stops at the decision where nothing is to be claimed, and remembers it', async () => {
    const parts = createTestParts({ backend: { readRequest: async () => approved } });
    expect(await wait(parts, order({ shouldClaim: false }))).toMatchObject({
      request: approved,
      grant: null,
    });
    expect(parts.backend.calls).toEqual(['readRequest req_1']);
    expect((await parts.held()).requests).toHaveLength(1);
  });

  it('is still_pending when its time is over, by the monotonic clock', async () => {
    const parts = createTestParts({
      backend: { readRequest: async () => pending, follow: follows(pending) },
    });
    const waiting = wait(parts, order({ timeoutSeconds: 60 }));
    const outcome = expect(waiting).rejects.toMatchObject({ code: 'still_pending', hint: 'jit wait req_1' });
    await parts.clock.untilSleeping();
    parts.clock.setWall(0);
    await parts.clock.advance(MINUTE_MS);
    await outcome;
  });

  it('is interrupted when the person leaves, and says how to go on', async () => {
    const leaving = new AbortController();
    const parts = createTestParts({ backend: { readRequest: async () => pending, follow: follows() } });
    const waiting = wait(parts, order({ signal: leaving.signal, onLook: () => leaving.abort() }));
    await expect(waiting).rejects.toMatchObject({
      code: 'interrupted',
      message: 'req_1 is still pending',
      hint: 'jit wait req_1',
    });
  });

  it('is unreachable where nobody is reached, not pending', async () => {
    const parts = createTestParts({
      backend: { readRequest: async () => pending, follow: () => Promise.reject(unreachable) },
    });
    await expect(wait(parts, order())).rejects.toBe(unreachable);
  });

  it('says who denied and why, and forgets the request', async () => {
    const denied = withReviews(pending, [buildReview({ outcome: 'denied', reason: 'not today' })]);
    const parts = createTestParts({
      backend: { readRequest: async () => pending, follow: follows({ ...denied, state: 'denied' }) },
    });
    await expect(wait(parts, order())).rejects.toMatchObject({
      code: 'denied',
      message: 'req_1 was denied: dba-lead says "not today"',
    });
    expect(parts.backend.calls).toEqual(['readRequest req_1', 'follow req_1']);
    expect((await parts.held()).requests).toEqual([]);
  });

  it('waits for anything but what it knows already', async () => {
    const known: unknown[] = [];
    const parts = createTestParts({
      backend: {
        readRequest: async () => ({ ...withReviews(pending, [buildReview()]), told: ['slack'] }),
        follow: async (_id, { signal: _, ...following }) => {
          known.push(following);
          return approved;
        },
        claim: async () => buildClaimed(),
      },
    });
    await wait(parts, order());
    expect(known).toEqual([{ state: 'pending', given: 1, told: 1 }]);
  });
});
