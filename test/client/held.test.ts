import { describe, expect, it } from 'vitest';
import { keep, listHeld, readHeld, sweep } from '../../src/client/held.ts';
import { fail } from '../../src/core/errors.ts';
import type { Keychain } from '../../src/core/ports/keychain.ts';
import { Secret } from '../../src/core/secret.ts';
import { createTestParts, NOW } from '../support/fakes/client-parts.ts';
import { buildClaimed, buildGrantView, MINUTE_MS } from '../support/fakes/fake-backend.ts';

const ACCOUNT = 'prod:db.read on orders (gr_1)';
const locked = fail('keychain_locked', { why: 'a test' });

describe('keeping what was claimed', () => {
  it('puts the secret into the keychain and its name, without the secret, into the state', async () => {
    const parts = createTestParts();
    const held = await keep(parts, buildClaimed());
    expect(held.account).toBe(ACCOUNT);
    expect(parts.secrets()[ACCOUNT]).toContain('token-1');
    const state = await parts.held();
    expect(state.grants.map(({ view }) => view.id)).toEqual(['gr_1']);
    expect(JSON.stringify(state)).not.toMatch(/token-1|password-1/);
  });

  it('tells the keychain until when', async () => {
    let expiresAt: number | null = null;
    const set: Keychain['set'] = async (entry) => {
      expiresAt = entry.expiresAt;
    };
    await keep(createTestParts({ keychain: { set } }), buildClaimed());
    expect(expiresAt).toBe(buildGrantView().expiresAt);
  });

  it('notes the name first, so that no crash leaves a secret that nobody would remove', async () => {
    const parts = createTestParts();
    let noted = 0;
    const set: Keychain['set'] = async () => {
      noted = (await parts.held()).grants.length;
    };
    await keep({ ...parts, keychain: { ...parts.keychain, set } }, buildClaimed());
    expect(noted).toBe(1);
  });

  it('forgets the name again where the keychain refuses', async () => {
    const parts = createTestParts({ keychain: { set: () => Promise.reject(locked) } });
    await expect(keep(parts, buildClaimed())).rejects.toBe(locked);
    expect((await parts.held()).grants).toEqual([]);
  });

  it('keeps the credential of before where an extension delivers none', async () => {
    const parts = createTestParts();
    await keep(parts, buildClaimed());
    const grant = buildGrantView({ expiresAt: NOW + 60 * MINUTE_MS });
    const held = await keep(parts, buildClaimed({ grant, token: new Secret('token-2'), credential: null }));
    const secret = await readHeld(parts, held);
    expect(secret?.token.reveal()).toBe('token-2');
    expect(secret?.credential.secretFiles[0]?.instead.value.reveal()).toBe('password-1');
    expect((await listHeld(parts))[0]?.view.expiresAt).toBe(grant.expiresAt);
  });

  it.each([
    ['gone', async () => undefined],
    ['unreadable', () => Promise.reject(fail('keychain_unreadable', { item: ACCOUNT, why: 'a test' }))],
  ])('asks for the credential again where that of before is %s', async (_how, get) => {
    const parts = createTestParts({
      keychain: { get },
      backend: { claim: async () => buildClaimed({ token: new Secret('token-3') }) },
    });
    await keep(parts, buildClaimed({ credential: null }));
    expect(parts.backend.calls).toEqual(['claim req_1']);
    expect(parts.secrets()[ACCOUNT]).toContain('token-3');
  });

  it('does not ask for ever', async () => {
    const parts = createTestParts({ backend: { claim: async () => buildClaimed({ credential: null }) } });
    await expect(keep(parts, buildClaimed({ credential: null }))).rejects.toMatchObject({
      code: 'bad_answer',
    });
    expect(parts.backend.calls).toHaveLength(1);
  });
});

describe('sweeping', () => {
  it('is done by one of many that come at once; the others go on', async () => {
    const parts = createTestParts();
    await keep(parts, buildClaimed());
    await parts.clock.advance(31 * MINUTE_MS);
    let removals = 0;
    const remove: Keychain['remove'] = async (item) => {
      removals += 1;
      return parts.keychain.remove(item);
    };
    const openKeychain = async (): Promise<Keychain> => ({ ...parts.keychain, remove });
    const sweeps = Array.from({ length: 20 }, () => sweep({ ...parts, openKeychain }));
    expect((await Promise.all(sweeps)).filter((count) => count > 0)).toHaveLength(1);
    expect(removals).toBe(1);
    expect((await parts.held()).grants).toEqual([]);
  });

  const withKeychain = (parts: ReturnType<typeof createTestParts>) => ({
    ...parts,
    openKeychain: async () => parts.keychain,
  });

  it('removes what is over at its very instant, and nothing before', async () => {
    const parts = createTestParts();
    await keep(parts, buildClaimed());
    await parts.clock.advance(30 * MINUTE_MS - 1);
    expect(await sweep(withKeychain(parts))).toBe(0);
    expect(parts.secrets()).not.toEqual({});
    await parts.clock.advance(1);
    await sweep(withKeychain(parts));
    expect(parts.secrets()).toEqual({});
    expect((await parts.held()).grants).toEqual([]);
  });

  it('opens no keychain where nothing is over', async () => {
    const parts = createTestParts();
    await keep(parts, buildClaimed());
    const openKeychain = () => Promise.reject(new Error('opened'));
    expect(await sweep({ ...parts, openKeychain })).toBe(0);
  });

  it('opens the keychain that was chosen for the server of each grant', async () => {
    const parts = createTestParts();
    const other = { ...parts, server: 'https://other.example.com' };
    await keep(parts, buildClaimed());
    await keep(other, buildClaimed({ grant: buildGrantView({ id: 'gr_2' }) }));
    await parts.clock.advance(30 * MINUTE_MS);
    const opened: string[] = [];
    const openKeychain = async (server: string) => {
      opened.push(server);
      return parts.keychain;
    };
    await sweep({ ...parts, openKeychain });
    expect(opened).toEqual(['https://jit.example.com', 'https://other.example.com']);
  });

  it('S14: keeps the note of what a locked keychain holds, fails nobody, and goes on with the others', async () => {
    const parts = createTestParts();
    const other = { ...parts, server: 'https://other.example.com' };
    await keep(parts, buildClaimed());
    await keep(other, buildClaimed({ grant: buildGrantView({ id: 'gr_2' }) }));
    await parts.clock.advance(30 * MINUTE_MS);
    const openKeychain = async (server: string) =>
      server === parts.server ? { ...parts.keychain, remove: () => Promise.reject(locked) } : parts.keychain;
    await sweep({ ...parts, openKeychain });
    expect((await parts.held()).grants.map(({ view }) => view.id)).toEqual(['gr_1']);
  });
});
