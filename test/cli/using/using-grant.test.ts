import { describe, expect, it } from 'vitest';
import { usingGrant } from '../../../src/cli/using/using-grant.ts';
import { keep, listHeld } from '../../../src/client/held.ts';
import { fail } from '../../../src/core/errors.ts';
import { createTestWorld, type TestWorld } from '../../support/fakes/cli-world.ts';
import { buildClaimed, buildEndedGrant } from '../../support/fakes/fake-backend.ts';

type Scene = { readonly world: TestWorld; readonly giving: Promise<void>; readonly code: Promise<number> };

/** A command that ended with 7 while the server answers when `answered` resolves. */
async function endCommand(answered: Promise<void>): Promise<Scene> {
  const giving = Promise.withResolvers<void>();
  const world = createTestWorld({
    backend: {
      revoke: async () => {
        giving.resolve();
        await answered;
        return buildEndedGrant();
      },
    },
  });
  const held = await keep(world.parts, buildClaimed());
  const using = { held, isLent: true, action: async () => 7 };
  return { world, giving: giving.promise, code: usingGrant(world, await world.connect({}), using) };
}

describe('a command that begins while the last one gives the grant back', () => {
  async function beginMeanwhile() {
    const answered = Promise.withResolvers<void>();
    const scene = await endCommand(answered.promise);
    await scene.giving;
    const { world } = scene;
    const [held] = await listHeld(world.parts);
    let hasRun = false;
    const action = async () => {
      hasRun = true;
      return 0;
    };
    const next = held && usingGrant(world, await world.connect({}), { held, isLent: false, action });
    return { ...scene, next, answer: answered.resolve, hasRun: () => hasRun };
  }

  it('does not run with a grant that is going', async () => {
    const { code, next, answer, hasRun } = await beginMeanwhile();
    answer();
    await expect(next).rejects.toMatchObject({ code: 'no_grant' });
    expect(hasRun()).toBe(false);
    expect(await code).toBe(7);
  });

  it('can be interrupted while it waits for that', async () => {
    const { world, code, next, answer, hasRun } = await beginMeanwhile();
    world.interruptNow();
    await expect(next).rejects.toMatchObject({ code: 'interrupted' });
    expect(hasRun()).toBe(false);
    answer();
    expect(await code).toBe(7);
  });
});

describe('giving back after a command', () => {
  it('takes as long as it takes, and keeps the code of the command', async () => {
    const answered = Promise.withResolvers<void>();
    const { world, giving, code } = await endCommand(answered.promise);
    await giving;
    await world.parts.clock.advance(60_000);
    answered.resolve();
    expect(await code).toBe(7);
    expect(world.terminal.told).toEqual([]);
    expect(world.parts.secrets()).toEqual({});
  });

  it('is waited for 10 s after a signal; then it is said what may still be live', async () => {
    const { world, giving, code } = await endCommand(new Promise(() => undefined));
    await giving;
    world.interruptNow();
    await expect.poll(() => world.parts.clock.sleeping).toBe(1);
    await world.parts.clock.advance(9_999);
    expect(world.terminal.told).toEqual([]);
    await world.parts.clock.advance(1);
    expect(await code).toBe(7);
    expect(world.terminal.told).toEqual(['jit: gr_1 may still be live: jit done gr_1 gives it back']);
  });

  it('is done in time also after a signal', async () => {
    const answered = Promise.withResolvers<void>();
    const { world, giving, code } = await endCommand(answered.promise);
    await giving;
    world.interruptNow();
    answered.resolve();
    expect(await code).toBe(7);
    expect(world.terminal.told).toEqual([]);
  });

  it('does not say that it failed where one was logged out, which may have ended the grant as well', async () => {
    const world = createTestWorld({
      backend: {
        revoke: () => Promise.reject(fail('session_expired', { server: 'https://jit.example.com' })),
      },
    });
    const held = await keep(world.parts, buildClaimed());
    const using = { held, isLent: true, action: async () => 7 };
    expect(await usingGrant(world, await world.connect({}), using)).toBe(7);
    expect(world.terminal.told).toEqual([
      'jit: the session on https://jit.example.com has ended: jit login, then jit status, shows whether gr_1 is live',
    ]);
  });
});
