import { describe, expect, it } from 'vitest';
import { request } from '../../src/client/request.ts';
import { Secret } from '../../src/core/secret.ts';
import type { Claimed } from '../../src/core/view.ts';
import { createTestParts, NOW } from '../support/fakes/client-parts.ts';
import { buildClaimed, buildGrantView, buildRequestView, MINUTE_MS } from '../support/fakes/fake-backend.ts';

const ORDER = {
  asked: {
    scopes: ['prod:db.read'],
    target: 'orders',
    durationSeconds: 1_800,
    reason: 'INC-4211 slow checkout',
    ticket: null,
    extendsGrantId: null,
    breakGlass: false,
  },
  idempotencyKey: 'key-1',
};

const granting = (claimed: Claimed = buildClaimed()) => ({
  submit: async () => ({ request: claimed.request, claimed }),
});

describe('asking', () => {
  it('keeps what is granted at once and starts the reaper', async () => {
    const parts = createTestParts({ backend: granting() });
    const standing = await request(parts, ORDER);
    expect(standing).toMatchObject({
      grant: { id: 'gr_1' },
      held: { account: 'prod:db.read on orders (gr_1)' },
    });
    expect(standing.heldUntil).toBeNull();
    expect(parts.processes.detached).toEqual([['__reap']]);
  });

  it('says until when it was held before, where asking found it', async () => {
    const parts = createTestParts({ backend: granting() });
    await request(parts, ORDER);
    expect((await request(parts, ORDER)).heldUntil).toBe(buildGrantView().expiresAt);
  });

  it('remembers a request that people decide, and holds nothing', async () => {
    const pending = buildRequestView({ state: 'pending', grantId: null });
    const parts = createTestParts({ backend: { submit: async () => ({ request: pending, claimed: null }) } });
    expect(await request(parts, ORDER)).toMatchObject({ grant: null, held: null });
    expect((await parts.held()).requests).toEqual([{ server: parts.server, view: pending }]);
    expect(parts.secrets()).toEqual({});
    expect(parts.processes.detached).toEqual([]);
  });

  it('I2: stores in the order in which the server delivered, so that the newest password is the one that stays', async () => {
    const passwords = ['first', 'second', 'third'];
    const slow = passwords.map(() => Promise.withResolvers<void>());
    let delivered = 0;
    const parts = createTestParts({
      backend: {
        submit: async () => {
          const index = delivered;
          delivered += 1;
          await slow[index]?.promise;
          return {
            request: buildRequestView(),
            claimed: buildClaimed({ token: new Secret(passwords[index] ?? '') }),
          };
        },
      },
    });
    const asking = passwords.map(() => request(parts, ORDER));
    for (const one of slow.toReversed()) one.resolve();
    await Promise.all(asking);
    expect(parts.secrets()['prod:db.read on orders (gr_1)']).toContain('third');
  });

  it.each([12 * 60 * MINUTE_MS, -12 * 60 * MINUTE_MS])(
    'holds nothing where the clock is off by %i ms',
    async (skewMs) => {
      const parts = createTestParts({ backend: granting(), skewMs });
      await expect(request(parts, ORDER)).rejects.toMatchObject({ code: 'clock_wrong' });
      expect(parts.secrets()).toEqual({});
      expect((await parts.held()).grants).toEqual([]);
    },
  );

  it('does not mind a clock that is off by minutes', async () => {
    const parts = createTestParts({ backend: granting(), skewMs: 4 * MINUTE_MS });
    expect((await request(parts, ORDER)).held).not.toBeNull();
  });

  it('is granted also where the reaper cannot be started', async () => {
    const parts = createTestParts({ backend: granting() });
    const processes = {
      ...parts.processes,
      startDetached: () => Promise.reject(new Error('no more processes')),
    };
    expect((await request({ ...parts, processes }, ORDER)).grant?.expiresAt).toBe(NOW + 30 * MINUTE_MS);
  });
});
