import { describe, expect, it } from 'vitest';
import { createOnceByKey } from '../../../../src/adapters/backends/oidc/once-by-key.ts';
import { BOTH, READ } from '../../../support/alone/order.ts';

function createCounting() {
  let count = 0;
  let isBroken = false;
  const ask = createOnceByKey(async () => {
    count += 1;
    if (isBroken) throw new Error('broken');
    return count;
  });
  return { ask, count: () => count, breakDown: (broken: boolean) => (isBroken = broken) };
}

describe('asking with an idempotency key', () => {
  it('asks once, however often and however early it comes again', async () => {
    const { ask, count } = createCounting();
    const submission = { ...READ, idempotencyKey: 'a' };
    expect(await Promise.all([ask(submission), ask({ ...submission }), ask(submission)])).toEqual([1, 1, 1]);
    const { target, ...rest } = submission;
    expect([await ask({ ...rest, target }), count()]).toEqual([1, 1]);
  });

  it('asks anew with another key, and not at all with another request', async () => {
    const { ask, count } = createCounting();
    await ask({ ...READ, idempotencyKey: 'a' });
    await expect(ask({ ...BOTH, idempotencyKey: 'a' })).rejects.toMatchObject({
      code: 'idempotency_conflict',
    });
    expect([await ask({ ...READ, idempotencyKey: 'b' }), count()]).toEqual([2, 2]);
  });

  it('asks again after what failed', async () => {
    const { ask, breakDown } = createCounting();
    breakDown(true);
    await expect(ask({ ...READ, idempotencyKey: 'a' })).rejects.toThrow('broken');
    breakDown(false);
    expect(await ask({ ...READ, idempotencyKey: 'a' })).toBe(2);
  });
});
