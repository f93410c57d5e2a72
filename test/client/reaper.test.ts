import { describe, expect, it } from 'vitest';
import { keep } from '../../src/client/held.ts';
import { reap } from '../../src/client/reaper.ts';
import { fail } from '../../src/core/errors.ts';
import { createTestParts, NOW, type TestParts } from '../support/fakes/client-parts.ts';
import { buildClaimed, buildGrantView, MINUTE_MS } from '../support/fakes/fake-backend.ts';

const withKeychain = (parts: TestParts) => ({ ...parts, openKeychain: async () => parts.keychain });

describe('the reaper', () => {
  it('leaves at once where nothing is held', async () => {
    const parts = createTestParts();
    await reap(withKeychain(parts));
    expect(parts.clock.sleeping).toBe(0);
  });

  it('removes each copy when its time is over, and leaves with the last', async () => {
    const parts = createTestParts();
    await keep(parts, buildClaimed());
    await keep(
      parts,
      buildClaimed({ grant: buildGrantView({ id: 'gr_2', expiresAt: NOW + 40 * MINUTE_MS }) }),
    );
    let isGone = false;
    const reaping = reap(withKeychain(parts)).then(() => (isGone = true));
    await parts.clock.untilSleeping();
    await parts.clock.advance(30 * MINUTE_MS);
    expect(Object.keys(parts.secrets())).toEqual(['prod:db.read on orders (gr_2)']);
    expect(isGone).toBe(false);
    await parts.clock.advance(10 * MINUTE_MS);
    await reaping;
    expect(parts.secrets()).toEqual({});
  });

  it('S10: sees within seconds of waking what ended while the machine slept', async () => {
    const parts = createTestParts();
    await keep(parts, buildClaimed());
    const reaping = reap(withKeychain(parts));
    await parts.clock.untilSleeping();
    parts.clock.setWall(NOW + 31 * MINUTE_MS);
    await parts.clock.advance(5_000);
    await reaping;
    expect(parts.secrets()).toEqual({});
  });

  it('I6: is gone within seconds when everything was given back early', async () => {
    const parts = createTestParts();
    await keep(parts, buildClaimed());
    const reaping = reap(withKeychain(parts));
    await parts.clock.untilSleeping();
    await parts.state.update((state) => ({ ...state, grants: [] }));
    await parts.clock.advance(5_000);
    await reaping;
  });

  it('is one for each user: a second one leaves at once', async () => {
    const parts = createTestParts();
    await keep(parts, buildClaimed());
    const first = reap(withKeychain(parts));
    await parts.clock.untilSleeping();
    await reap(withKeychain(parts));
    await parts.clock.advance(30 * MINUTE_MS);
    await first;
  });

  it('does not stay for what it cannot delete', async () => {
    const locked = fail('keychain_locked', { why: 'a test' });
    const parts = createTestParts({ keychain: { remove: () => Promise.reject(locked) } });
    await keep(parts, buildClaimed());
    const reaping = reap(withKeychain(parts));
    await parts.clock.untilSleeping();
    await parts.clock.advance(30 * MINUTE_MS);
    await reaping;
    expect((await parts.held()).grants).toHaveLength(1);
  });
});
