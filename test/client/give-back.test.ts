import { describe, expect, it } from 'vitest';
import { giveBack } from '../../src/client/give-back.ts';
import { keep } from '../../src/client/held.ts';
import { fail } from '../../src/core/errors.ts';
import { createTestParts } from '../support/fakes/client-parts.ts';
import { buildClaimed, buildEndedGrant, buildGrantView, unreachable } from '../support/fakes/fake-backend.ts';

const order = { grantIds: ['gr_1'], because: 'done' as const };
const missing = fail('not_found', { what: 'grant gr_9' });

describe('giving back', () => {
  it('removes the copy here once the server has taken the grant', async () => {
    const parts = createTestParts({ backend: { revoke: async () => buildEndedGrant() } });
    await keep(parts, buildClaimed());
    const { given, failures } = await giveBack(parts, order);
    expect(given).toMatchObject([
      { grant: { state: 'ended' }, isKeychainCleared: true, obstacle: undefined },
    ]);
    expect(failures).toEqual([]);
    expect(parts.secrets()).toEqual({});
    expect((await parts.held()).grants).toEqual([]);
  });

  it('keeps everything where the server was not reached', async () => {
    const parts = createTestParts();
    await keep(parts, buildClaimed());
    expect(await giveBack(parts, order)).toEqual({ given: [], failures: [unreachable] });
    expect(Object.keys(parts.secrets())).toHaveLength(1);
  });

  it('gives back the others where one of them fails', async () => {
    const revoke = async (id: string) => {
      if (id === 'gr_9') throw missing;
      return buildEndedGrant({ id });
    };
    const parts = createTestParts({ backend: { revoke } });
    const { given, failures } = await giveBack(parts, { ...order, grantIds: ['gr_9', 'gr_1'] });
    expect(given.map(({ grant }) => grant.id)).toEqual(['gr_1']);
    expect(failures).toEqual([missing]);
  });

  it('throws what fails them all: a session that is over', async () => {
    const over = fail('session_expired', { server: 'https://jit.example.com' });
    const parts = createTestParts({ backend: { revoke: () => Promise.reject(over) } });
    await expect(giveBack(parts, order)).rejects.toBe(over);
  });

  it('S14: is done also where the keychain is locked, and says that the copy may still be there', async () => {
    const locked = fail('keychain_locked', { why: 'a test' });
    const parts = createTestParts({ backend: { revoke: async () => buildEndedGrant() } });
    await keep(parts, buildClaimed());
    const keychain = { ...parts.keychain, remove: () => Promise.reject(locked) };
    const { given } = await giveBack({ ...parts, keychain }, order);
    expect(given).toMatchObject([{ isKeychainCleared: false, obstacle: locked }]);
    expect((await parts.held()).grants).toHaveLength(1);
  });

  it('removes nothing of a grant that was held elsewhere', async () => {
    const parts = createTestParts({ backend: { revoke: async () => buildEndedGrant({ id: 'gr_2' }) } });
    await keep(parts, buildClaimed({ grant: buildGrantView() }));
    const { given } = await giveBack(parts, { ...order, grantIds: ['gr_2'] });
    expect(given).toMatchObject([{ isKeychainCleared: false, obstacle: undefined }]);
    expect(Object.keys(parts.secrets())).toHaveLength(1);
  });
});
