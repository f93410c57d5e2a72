import { describe, expect, it } from 'vitest';
import { findForHelper, readForHelper, readWish } from '../../src/client/helpers.ts';
import { request } from '../../src/client/request.ts';
import { fail } from '../../src/core/errors.ts';
import type { KeychainItem } from '../../src/core/ports/keychain.ts';
import { createHoldingParts, createTestParts, NOW } from '../support/fakes/client-parts.ts';
import { buildClaimed, buildRequestView, MINUTE_MS } from '../support/fakes/fake-backend.ts';

const ANY = { scope: undefined, target: undefined };
const READ = { scope: 'prod:db.read', target: 'orders' };

describe('a helper', () => {
  it('finds the grant that is held here, and its secret, without a word to the server', async () => {
    const parts = await createHoldingParts(buildClaimed());
    const [held] = await findForHelper(parts, READ);
    const { token } = await readForHelper(parts, held);
    expect(token.reveal()).toBe('token-1');
    expect(parts.backend.calls).toEqual([]);
    expect(await readWish(parts)).toBeUndefined();
  });

  it('looks into the keychain once, and does nothing else to it', async () => {
    const parts = await createHoldingParts(buildClaimed());
    const calls: string[] = [];
    const refuse = (name: string) => async () => Promise.reject(new Error(`${name} was called`));
    const keychain = {
      ...parts.keychain,
      get: (item: KeychainItem) => {
        calls.push(item.account);
        return parts.keychain.get(item);
      },
      set: refuse('set'),
      remove: refuse('remove'),
      probe: refuse('probe'),
    };
    const [held] = await findForHelper({ ...parts, keychain }, READ);
    await readForHelper({ ...parts, keychain }, held);
    expect(calls).toEqual([held.account]);
  });

  it('without a grant names the command that asks for what was named, and remembers it', async () => {
    const parts = createTestParts();
    await expect(findForHelper(parts, READ)).rejects.toMatchObject({
      code: 'no_grant',
      message: 'no live grant for prod:db.read on orders',
      hint: 'jit request --last',
    });
    expect(await readWish(parts)).toEqual({
      scopes: ['prod:db.read'],
      target: 'orders',
      durationSeconds: null,
    });
    expect(parts.backend.calls).toEqual([]);
  });

  it('remembers what was held here before, for as long, where it fits what was named', async () => {
    const parts = await createHoldingParts(
      buildClaimed({ request: buildRequestView({ durationSeconds: 900 }) }),
    );
    await parts.clock.advance(31 * MINUTE_MS);
    await expect(findForHelper(parts, ANY)).rejects.toMatchObject({ hint: 'jit request --last' });
    expect(await readWish(parts)).toEqual({
      scopes: ['prod:db.read'],
      target: 'orders',
      durationSeconds: 900,
    });
    const other = { scope: 'prod:db.write', target: undefined };
    await expect(findForHelper(parts, other)).rejects.toMatchObject({ code: 'no_grant' });
    expect(await readWish(parts)).toEqual({ scopes: ['prod:db.write'], target: null, durationSeconds: null });
  });

  it('of many that miss the same at once writes it down once', async () => {
    const parts = createTestParts();
    let writes = 0;
    const update: typeof parts.state.update = async (change) => {
      writes += 1;
      return parts.state.update(change);
    };
    const busy = { ...parts, state: { ...parts.state, update } };
    await Promise.allSettled(Array.from({ length: 20 }, () => findForHelper(busy, READ)));
    expect(writes).toBe(1);
    expect(await readWish(parts)).toMatchObject({ scopes: ['prod:db.read'] });
  });

  it('that misses the same again writes nothing', async () => {
    const parts = createTestParts();
    await expect(findForHelper(parts, READ)).rejects.toMatchObject({ code: 'no_grant' });
    const state = { ...parts.state, update: () => Promise.reject(new Error('it was written')) };
    await expect(findForHelper({ ...parts, state }, READ)).rejects.toMatchObject({ code: 'no_grant' });
  });

  it('that cannot tell what was wanted remembers nothing', async () => {
    const parts = createTestParts();
    await expect(findForHelper(parts, ANY)).rejects.toMatchObject({ hint: 'jit request' });
    expect(await readWish(parts)).toBeUndefined();
  });

  it.each([
    ['scope', { scope: 'x'.repeat(5_000), target: undefined }],
    ['target', { scope: undefined, target: '../orders' }],
  ])('remembers no %s that nobody could ask for', async (_what, wanted) => {
    const parts = createTestParts();
    await expect(findForHelper(parts, wanted)).rejects.toMatchObject({ hint: 'jit request' });
    expect(await readWish(parts)).toBeUndefined();
  });

  it('names the request that is open already, and asks for no second one', async () => {
    const view = buildRequestView({ id: 'req_7', state: 'pending', lapsesAt: NOW + 60 * MINUTE_MS });
    const parts = createTestParts({ backend: { submit: async () => ({ request: view, claimed: null }) } });
    const asked = {
      ...READ,
      scopes: view.scopes,
      target: 'orders',
      durationSeconds: 900,
      reason: '',
      ticket: null,
    };
    await request(parts, {
      asked: { ...asked, extendsGrantId: null, breakGlass: false },
      idempotencyKey: 'key-1',
    });
    await expect(findForHelper(parts, READ)).rejects.toMatchObject({
      message: 'no live grant for prod:db.read on orders, but req_7 is pending',
      hint: 'jit wait req_7',
    });
    expect(await readWish(parts)).toBeUndefined();
    await parts.clock.advance(61 * MINUTE_MS);
    await expect(findForHelper(parts, READ)).rejects.toMatchObject({ hint: 'jit request --last' });
  });

  it('says what it says on a full disk, too', async () => {
    const parts = createTestParts();
    const full = fail('failed', { why: 'no space' });
    const state = { ...parts.state, update: () => Promise.reject(full) };
    const lock = { ...parts.lock, tryRun: () => Promise.reject(full) };
    for (const broken of [
      { ...parts, state },
      { ...parts, lock },
    ])
      await expect(findForHelper(broken, READ)).rejects.toMatchObject({ code: 'no_grant' });
  });
});
