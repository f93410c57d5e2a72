import { describe, expect, it } from 'vitest';
import { createIds } from '../../../src/adapters/ids.ts';
import { IN_MEMORY, openSqliteStore } from '../../../src/adapters/store/sqlite/open.ts';
import type { Store } from '../../../src/core/ports/store.ts';
import { Secret } from '../../../src/core/secret.ts';
import { KEY_USES, type KeyUse } from '../../../src/core/server-keys.ts';
import { openKeyKeeper } from '../../../src/server/keys/keeper.ts';
import { CHECKPOINT_KEYS, makeJwk, unsealKeys } from '../../../src/server/keys/kept-keys.ts';
import { listKeys, type RotationParts, rotateKeys } from '../../../src/server/keys/rotate.ts';
import { sealText } from '../../../src/server/oauth/tokens/sealed-text.ts';
import { createFakeClock, type FakeClock } from '../../support/fakes/fake-clock.ts';

const SECRET = new Secret('of the keys'.padEnd(32, '!'));
const START = Date.UTC(2026, 10, 22);
const LEAD_MS = 90_000;
const TOKEN_MS = 3_600_000;
const SESSION_MS = 7_200_000;

type Desk = AsyncDisposable & {
  readonly parts: RotationParts & { readonly store: Store };
  readonly clock: FakeClock;
};

async function openDesk(): Promise<Desk> {
  const clock = createFakeClock(START);
  const { store, close } = await openSqliteStore({ path: IN_MEMORY, clock });
  const parts = { store, secret: SECRET, clock, ids: createIds(clock), algorithms: [] };
  return { parts, clock, [Symbol.asyncDispose]: close };
}

async function rotate(parts: RotationParts, ...uses: readonly KeyUse[]) {
  const times = { leadMs: LEAD_MS, longestTokenMs: TOKEN_MS, longestSessionMs: SESSION_MS };
  return await rotateKeys(parts, { uses, actor: 'operator:root', ...times });
}

async function describeKeys(parts: RotationParts, use: KeyUse) {
  return (await listKeys(parts, [use])).map(({ state, verifiesUntil }) => [state, verifiesUntil]);
}

describe('keys that are rotated', () => {
  it('are one of each at first, and RS256 where a target asks for it', async () => {
    await using desk = await openDesk();
    const first = await listKeys(desk.parts, KEY_USES);
    expect(first.map(({ algorithm, state }) => [algorithm, state])).toEqual([
      ['ES256', 'signing'],
      ['HS256', 'signing'],
      ['EdDSA', 'signing'],
    ]);
    const asked = await listKeys({ ...desk.parts, algorithms: ['RS256'] }, ['signing']);
    expect(asked.map(({ algorithm }) => algorithm)).toEqual(['ES256', 'RS256']);
  });

  it('TOK-08: go through their phases, each for as long as what the one before signed', async () => {
    await using desk = await openDesk();
    const { made, waiting } = await rotate(desk.parts, ...KEY_USES);
    expect(made.map(({ use, signsFrom }) => [use, signsFrom])).toEqual(
      KEY_USES.map((use) => [use, START + LEAD_MS]),
    );
    expect(waiting).toEqual([]);
    expect(await describeKeys(desk.parts, 'signing')).toEqual([
      ['signing', START + LEAD_MS + TOKEN_MS],
      ['next', null],
    ]);
    await desk.clock.advance(LEAD_MS);
    expect(await describeKeys(desk.parts, 'signing')).toEqual([
      ['verifying', START + LEAD_MS + TOKEN_MS],
      ['signing', null],
    ]);
    await desk.clock.advance(TOKEN_MS);
    expect(await describeKeys(desk.parts, 'signing')).toEqual([['signing', null]]);
    expect(await describeKeys(desk.parts, 'cookies')).toEqual([
      ['verifying', START + LEAD_MS + SESSION_MS],
      ['signing', null],
    ]);
    await desk.clock.advance(1_000 * TOKEN_MS);
    expect(await describeKeys(desk.parts, 'checkpoint')).toEqual([
      ['verifying', null],
      ['signing', null],
    ]);
  });

  it('are not rotated twice at once: what waits comes first', async () => {
    await using desk = await openDesk();
    const [first] = (await rotate(desk.parts, 'signing')).made;
    const again = await rotate(desk.parts, 'signing', 'cookies');
    expect(again.waiting.map(({ id }) => id)).toEqual([first?.id]);
    expect(again.made.map(({ use }) => use)).toEqual(['cookies']);
    expect(await listKeys(desk.parts, ['signing'])).toHaveLength(2);
  });

  it('are one more, and not two, where two rotate at the same moment', async () => {
    await using desk = await openDesk();
    const both = await Promise.allSettled([rotate(desk.parts, 'signing'), rotate(desk.parts, 'signing')]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await listKeys(desk.parts, ['signing'])).toHaveLength(2);
  });

  it('I5: are in the audit log by their ids, with who said so, and rest sealed', async () => {
    await using desk = await openDesk();
    const { made } = await rotate(desk.parts, ...KEY_USES);
    const { store } = desk.parts;
    expect((await store.listChanges({ after: 0, limit: 10 })).map(({ kind }) => kind)).toEqual(
      made.map(() => 'keys.rotated'),
    );
    for (const name of ['signing keys', 'cookie keys', 'checkpoint keys'])
      expect(await store.readSetting(name, async () => 'nothing')).toMatch(/^[A-Za-z0-9_-]{100,}$/);
  });

  it('keep no private half of a checkpoint key that does not sign any more', async () => {
    await using desk = await openDesk();
    for (let turn = 0; turn < 3; turn += 1) {
      await rotate(desk.parts, 'checkpoint');
      await desk.clock.advance(LEAD_MS);
    }
    expect(await listKeys(desk.parts, ['checkpoint'])).toHaveLength(4);
    const sealed = await desk.parts.store.readSetting('checkpoint keys', async () => '');
    const halves = unsealKeys(SECRET, CHECKPOINT_KEYS, sealed).map(({ jwk }) => 'd' in jwk);
    expect(halves.filter(Boolean)).toHaveLength(2);
  });

  it('TOK-08: sign as the clock says, forth and back', async () => {
    await using desk = await openDesk();
    await rotate(desk.parts, 'signing');
    let now = START;
    const clock = { ...desk.clock, now: () => now };
    await using keeper = await openKeeper({ ...desk, clock });
    const at = (instant: number): string => {
      now = instant;
      return keeper.signing.currentId;
    };
    const [before, after] = [at(START), at(START + LEAD_MS)];
    expect(after).not.toBe(before);
    expect([at(START + LEAD_MS - 1), at(START + LEAD_MS)]).toEqual([before, after]);
  });
});

describe('a server that has keys', () => {
  it('TOK-08: publishes, signs with and forgets a key at its times, without being told', async () => {
    await using desk = await openDesk();
    const { parts, clock } = desk;
    await using keeper = await openKeeper(desk);
    const before = keeper.signing.currentId;
    const [made] = (await rotate(parts, 'signing')).made;
    await clock.advance(5_000);
    expect(keeper.signing.publicJwks.keys.map(({ kid }) => kid)).toEqual([before, made?.id]);
    expect(keeper.signing.currentId).toBe(before);
    const { generation } = keeper.signing;
    await clock.advance(LEAD_MS - 5_000);
    expect(keeper.signing.currentId).toBe(made?.id);
    expect(keeper.signing.generation).not.toBe(generation);
    expect(keeper.signing.findPublicKey(before)).toBeDefined();
    await clock.advance(TOKEN_MS);
    expect(keeper.signing.findPublicKey(before)).toBeUndefined();
    expect(JSON.stringify(keeper.signing.publicJwks)).not.toContain('"d"');
  });

  it('signs cookies with the next secret at its time, and takes those of the one before', async () => {
    await using desk = await openDesk();
    await using keeper = await openKeeper(desk);
    const [first] = keeper.listCookieSecrets();
    expect(first?.reveal()).toBe(SECRET.reveal());
    await rotate(desk.parts, 'cookies');
    await desk.clock.advance(5_000);
    expect(keeper.listCookieSecrets()).toHaveLength(2);
    expect(keeper.listCookieSecrets()[0]).toBe(first);
    await desk.clock.advance(LEAD_MS);
    expect(keeper.listCookieSecrets()[0]).not.toBe(first);
    expect(keeper.listCookieSecrets()[1]).toBe(first);
    await desk.clock.advance(SESSION_MS);
    expect(keeper.listCookieSecrets()).toHaveLength(1);
    expect(keeper.listCookieSecrets()).not.toContain(first);
  });

  it('reads what an earlier version kept, and goes on with what it has while the store does not answer', async () => {
    await using desk = await openDesk();
    const kept = await makeJwk('ES256');
    const sealed = sealText(SECRET, 'signing keys', JSON.stringify([kept]));
    await desk.parts.store.readSetting('signing keys', async () => sealed);
    const errors: unknown[] = [];
    await using keeper = await openKeeper(desk, errors);
    expect(keeper.signing.currentId).toBe(kept.kid);
    await desk.parts.store.replaceSetting({
      name: 'signing keys',
      before: await desk.parts.store.readSetting('signing keys', async () => ''),
      after: 'broken',
    });
    await desk.clock.advance(5_000);
    expect(errors).toHaveLength(1);
    expect(keeper.signing.currentId).toBe(kept.kid);
  });
});

async function openKeeper({ parts, clock }: Desk, errors: unknown[] = []) {
  const onError = (error: unknown): void => void errors.push(error);
  const keeper = await openKeyKeeper({ ...parts, clock, onError });
  return { ...keeper, [Symbol.asyncDispose]: keeper.stop };
}
