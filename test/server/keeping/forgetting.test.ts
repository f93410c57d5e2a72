import { expect, it } from 'vitest';
import { startForgetting } from '../../../src/server/keeping/forgetting.ts';
import { createFakeClock } from '../../support/fakes/fake-clock.ts';
import { createMemoryProtocolStore } from '../../support/fakes/memory-protocol-store.ts';

const NOW = Date.parse('2026-11-22T10:00:00Z');

async function open(parts: { readonly isOthers?: () => boolean } = {}) {
  const clock = createFakeClock(NOW);
  const protocol = createMemoryProtocolStore();
  await protocol.put({ kind: 'Session', id: 'old', payload: {}, expiresAt: NOW });
  await protocol.put({ kind: 'Session', id: 'new', payload: {}, expiresAt: NOW + 30_000 });
  const errors: unknown[] = [];
  let isFailing = false;
  const removeExpired = async (now: number): Promise<number> => {
    if (isFailing) throw new Error('the store is away');
    return await protocol.removeExpired(now);
  };
  const forgetting = startForgetting({
    protocol: { removeExpired },
    clock,
    isOthers: parts.isOthers ?? (() => false),
    onError: (error) => errors.push(error),
  });
  const isThere = async (id: string) => (await protocol.find('Session', id)) !== undefined;
  const fail = (now: boolean): void => {
    isFailing = now;
  };
  return { clock, errors, forgetting, isThere, fail };
}

it('what has expired is forgotten at the start and every minute, also after it failed once', async () => {
  const { clock, errors, forgetting, isThere, fail } = await open();
  await clock.untilSleeping();
  expect([await isThere('old'), await isThere('new')]).toEqual([false, true]);
  fail(true);
  await clock.advance(60_000);
  await clock.untilSleeping();
  expect([errors.length, await isThere('new')]).toEqual([1, true]);
  fail(false);
  await clock.advance(60_000);
  await clock.untilSleeping();
  expect([errors.length, await isThere('new')]).toEqual([1, false]);
  await forgetting.stop();
});

it('nothing is forgotten of a store that is somebody else’s by now', async () => {
  let isOthers = true;
  const { clock, forgetting, isThere } = await open({ isOthers: () => isOthers });
  await clock.untilSleeping();
  expect(await isThere('old')).toBe(true);
  isOthers = false;
  await clock.advance(60_000);
  await clock.untilSleeping();
  expect(await isThere('old')).toBe(false);
  await forgetting.stop();
});
