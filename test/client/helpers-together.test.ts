import { describe, expect, it } from 'vitest';
import { keep } from '../../src/client/held.ts';
import { findForHelper, readForHelper, readWish } from '../../src/client/helpers.ts';
import type { ClientParts } from '../../src/client/parts.ts';
import { EMPTY_CREDENTIAL } from '../../src/core/credential.ts';
import { fail } from '../../src/core/errors.ts';
import { Secret } from '../../src/core/secret.ts';
import type { Claimed } from '../../src/core/view.ts';
import { createHoldingParts, createTestParts, NOW, type TestParts } from '../support/fakes/client-parts.ts';
import { buildClaimed, buildGrantView, MINUTE_MS, unreachable } from '../support/fakes/fake-backend.ts';

const READ = { scope: 'prod:db.read', target: 'orders' };

/** A token of one minute under a grant of half an hour. */
function shortLived(token: string, expiresAt: number): Claimed {
  const terms = { expiresAt, boundTo: null };
  return buildClaimed({ token: new Secret(token), terms, credential: EMPTY_CREDENTIAL });
}

describe('many helpers at once', () => {
  const look = (parts: TestParts, most: { at: number; now: number }): ClientParts['keychain'] => ({
    ...parts.keychain,
    get: async (item) => {
      most.now += 1;
      most.at = Math.max(most.at, most.now);
      const secret = await parts.keychain.get(item);
      most.now -= 1;
      return secret;
    },
  });

  it('look into the keychain one after the other', async () => {
    const parts = await createHoldingParts(buildClaimed());
    const most = { at: 0, now: 0 };
    const busy = { ...parts, keychain: look(parts, most) };
    const [held] = await findForHelper(parts, READ);
    await Promise.all(Array.from({ length: 20 }, () => readForHelper(busy, held)));
    expect(most.at).toBe(1);
  });

  it('look without a turn where there is none to be had, or not for 20 s', async () => {
    const parts = await createHoldingParts(buildClaimed());
    const [held] = await findForHelper(parts, READ);
    const full = { ...parts.lock, run: () => Promise.reject(fail('failed', { why: 'no space' })) };
    expect((await readForHelper({ ...parts, lock: full }, held)).token.reveal()).toBe('token-1');
    const taken = { ...parts.lock, run: () => new Promise<never>(() => undefined) };
    const reading = readForHelper({ ...parts, lock: taken }, held);
    await parts.clock.untilSleeping(2);
    await parts.clock.advance(20_000);
    expect((await reading).token.reveal()).toBe('token-1');
  });
});

describe('a helper whose token is over before its grant', () => {
  const next = shortLived('token-2', NOW + 10 * MINUTE_MS);

  it('S11: fetches the next one once, however many ask', async () => {
    const parts = await createHoldingParts(shortLived('token-1', NOW + 1_000), { claim: async () => next });
    const [held] = await findForHelper(parts, READ);
    const secrets = await Promise.all(Array.from({ length: 20 }, () => readForHelper(parts, held)));
    expect(new Set(secrets.map(({ token }) => token.reveal()))).toEqual(new Set(['token-2']));
    expect(parts.backend.calls).toEqual(['claim req_1']);
  });

  it('is told at once that nobody answers, and after 10 s that somebody does not', async () => {
    const parts = await createHoldingParts(shortLived('token-1', NOW - 1), {
      claim: () => Promise.reject(unreachable),
    });
    const [held] = await findForHelper(parts, READ);
    await expect(readForHelper(parts, held)).rejects.toMatchObject({ code: 'unreachable' });
    const asked = Promise.withResolvers<void>();
    const claim = (): Promise<never> => {
      asked.resolve();
      return new Promise(() => undefined);
    };
    const silent = await createHoldingParts(shortLived('token-1', NOW - 1), { claim });
    const reading = readForHelper(silent, held);
    reading.catch(() => undefined);
    await asked.promise;
    await silent.clock.untilSleeping(2);
    await silent.clock.advance(10_000);
    await expect(reading).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('no answer within 10 s'),
    });
  });

  it('names the command that asks again, where the grant was taken away meanwhile', async () => {
    const gone = fail('no_grant', { why: 'gr_1 was revoked' });
    const parts = await createHoldingParts(shortLived('token-1', NOW - 1), {
      claim: () => Promise.reject(gone),
    });
    const [held] = await findForHelper(parts, READ);
    await expect(readForHelper(parts, held)).rejects.toMatchObject({
      message: 'gr_1 was revoked',
      hint: 'jit request --last',
    });
    expect(await readWish(parts)).toMatchObject({ scopes: ['prod:db.read'], durationSeconds: 1_800 });
  });
});

describe('what was held lately', () => {
  it('is each kind of access once, the latest first, and no more than sixteen', async () => {
    const parts = createTestParts();
    for (let index = 0; index < 20; index += 1)
      await keep(parts, buildClaimed({ grant: buildGrantView({ id: `gr_${index}`, target: `t${index}` }) }));
    await keep(parts, buildClaimed({ grant: buildGrantView({ id: 'gr_x', target: 't12' }) }));
    const { servers } = await parts.held();
    const targets = servers[parts.server]?.lately?.map(({ target }) => target) ?? [];
    expect(targets.slice(0, 2)).toEqual(['t12', 't19']);
    expect(new Set(targets).size).toBe(16);
    expect(targets).toHaveLength(16);
  });
});
