import { describe, expect, it } from 'vitest';
import {
  findNextTurn,
  findSigning,
  findState,
  listTrusted,
  type RingKey,
  turnOver,
} from '../../../src/server/keys/ring.ts';

const FIRST: RingKey = { id: 'first', madeAt: null, signsFrom: 0, verifiesUntil: null };
const NEXT: RingKey = { id: 'next', madeAt: 1_000, signsFrom: 1_100, verifiesUntil: null };

const ring = turnOver([FIRST], { next: NEXT, now: 1_000, keptMs: 500 });

function describeRing(now: number) {
  return ring.map((key) => `${key.id}: ${findState(ring, key, now) ?? 'over'}`);
}

describe('a ring of keys', () => {
  it('TOK-08: publishes a key before it signs, and trusts the one before until what it signed is gone', () => {
    expect(describeRing(1_000)).toEqual(['first: signing', 'next: next']);
    expect(describeRing(1_099)).toEqual(['first: signing', 'next: next']);
    expect(describeRing(1_100)).toEqual(['first: verifying', 'next: signing']);
    expect(describeRing(1_599)).toEqual(['first: verifying', 'next: signing']);
    expect(describeRing(1_600)).toEqual(['first: over', 'next: signing']);
  });

  it('names the one that signs first, and not those that are over', () => {
    expect(listTrusted(ring, 1_000).map(({ id }) => id)).toEqual(['first', 'next']);
    expect(listTrusted(ring, 1_100).map(({ id }) => id)).toEqual(['next', 'first']);
    expect(listTrusted(ring, 1_600).map(({ id }) => id)).toEqual(['next']);
  });

  it('says until when nothing changes', () => {
    expect([0, 1_099, 1_100, 1_599, 1_600].map((now) => findNextTurn(ring, now))).toEqual([
      1_100,
      1_100,
      1_600,
      1_600,
      Number.POSITIVE_INFINITY,
    ]);
  });

  it('goes on signing with its last key, whatever the times say', () => {
    expect(findSigning([{ ...FIRST, verifiesUntil: 10 }], 99)?.id).toBe('first');
    expect(findSigning([NEXT], 0)?.id).toBe('next');
    expect(findSigning([], 0)).toBeUndefined();
  });

  it('drops what is over with the next turn, and leaves an end that was given', () => {
    const third: RingKey = { id: 'third', madeAt: 1_700, signsFrom: 1_800, verifiesUntil: null };
    const early = turnOver(ring, { next: third, now: 1_500, keptMs: 500 });
    expect(early.map(({ id, verifiesUntil }) => [id, verifiesUntil])).toEqual([
      ['next', 2_300],
      ['first', 1_600],
      ['third', null],
    ]);
    const late = turnOver(ring, { next: third, now: 1_700, keptMs: null });
    expect(late.map(({ id, verifiesUntil }) => [id, verifiesUntil])).toEqual([
      ['next', null],
      ['third', null],
    ]);
  });
});
