import { describe, expect, it } from 'vitest';
import { createLiveness } from '../../src/verify/liveness.ts';
import { createFakeClock } from '../support/fakes/fake-clock.ts';
import { NOW } from '../support/verifying/token-server.ts';

/** A service that hears everything: what it asks, it asks for another reason. */
function createScene() {
  const clock = createFakeClock(NOW);
  const asked: string[] = [];
  const findLife = createLiveness({
    clock,
    cacheMs: 1_000,
    failClosedMs: 60_000,
    onError: () => undefined,
    ask: async (token) => {
      asked.push(token);
      return true;
    },
    revocations: {
      isRevoked: () => false,
      hasHeardSince: () => true,
      heardUntilMs: () => clock.monotonicMs(),
      forgottenMs: () => Number.NEGATIVE_INFINITY,
      close: () => undefined,
    },
  });
  return { clock, asked, bring: (text: string) => findLife({ id: 'tok_1', text }) };
}

describe('a token that is heard of', () => {
  it('is asked about again after five minutes, so that the server sees that it is used', async () => {
    const { clock, asked, bring } = createScene();
    await bring('a');
    await clock.advance(299_999);
    expect(await bring('a')).toBe('live');
    expect(asked).toEqual(['a']);
    await clock.advance(1);
    await bring('a');
    expect(asked).toEqual(['a', 'a']);
  });

  it('is remembered with ten thousand others; the oldest is asked about again', async () => {
    const { asked, bring } = createScene();
    for (let index = 0; index <= 10_000; index += 1) await bring(`token ${index}`);
    asked.length = 0;
    await bring('token 1');
    expect(asked).toEqual([]);
    await bring('token 0');
    expect(asked).toEqual(['token 0']);
  });
});

describe('a token whose death is heard of while the server is asked', () => {
  it('is dead, though the server does not answer and it was live shortly before', async () => {
    const clock = createFakeClock(NOW);
    const dead = new Set<string>();
    const answers = [
      async () => true,
      async () => {
        dead.add('tok_1');
        throw new TypeError('the server went away');
      },
    ];
    const findLife = createLiveness({
      clock,
      cacheMs: 0,
      failClosedMs: 60_000,
      onError: () => undefined,
      ask: async () => answers.shift()?.() ?? false,
      revocations: {
        isRevoked: (id) => dead.has(id),
        hasHeardSince: () => false,
        heardUntilMs: () => null,
        forgottenMs: () => Number.NEGATIVE_INFINITY,
        close: () => undefined,
      },
    });
    const token = { id: 'tok_1', text: 'a' };
    expect(await findLife(token)).toBe('live');
    expect(await findLife(token)).toBe('dead');
  });
});
