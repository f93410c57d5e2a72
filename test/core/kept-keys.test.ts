import { describe, expect, it } from 'vitest';
import {
  isFetchDue,
  isFetchWanted,
  KEYS_COOLDOWN_SECONDS,
  KEYS_KEPT_SECONDS,
  KEYS_LONGEST_SECONDS,
  KEYS_RETRY_SECONDS,
  NO_KEYS,
  noteTry,
  requireKeys,
} from '../../src/core/kept-keys.ts';

const AT = Date.UTC(2026, 10, 22, 12);
const later = (seconds: number): number => AT + seconds * 1000;
const kept = noteTry<string>(NO_KEYS, { triedAt: AT, found: { keys: 'one' } });
const away = new Error('it was not reached');

describe('the keys that an issuer publishes', () => {
  it('are wanted before they are known, when they are an hour old, and for one that is not among them', () => {
    expect(isFetchWanted(NO_KEYS, { now: AT, isUnknown: false })).toBe(true);
    expect(isFetchDue(NO_KEYS, AT)).toBe(true);
    expect(isFetchWanted(kept, { now: later(KEYS_KEPT_SECONDS) - 1, isUnknown: false })).toBe(false);
    expect(isFetchWanted(kept, { now: later(KEYS_KEPT_SECONDS), isUnknown: false })).toBe(true);
    expect(isFetchWanted(kept, { now: AT, isUnknown: true })).toBe(true);
  });

  it('TOK-02: are tried at most once in 30 s, whether that fails or not', () => {
    const failed = noteTry(kept, { triedAt: later(100), found: { failure: away } });
    for (const [state, from] of [
      [kept, 0],
      [failed, 100],
    ] as const) {
      expect(isFetchDue(state, later(from + KEYS_COOLDOWN_SECONDS) - 1)).toBe(false);
      expect(isFetchDue(state, later(from + KEYS_COOLDOWN_SECONDS))).toBe(true);
    }
  });

  it('are tried again after a second while there are none to go by', () => {
    const none = noteTry<string>(NO_KEYS, { triedAt: AT, found: { failure: away } });
    expect(isFetchDue(none, later(KEYS_RETRY_SECONDS) - 1)).toBe(false);
    expect(isFetchDue(none, later(KEYS_RETRY_SECONDS))).toBe(true);
    expect(() => requireKeys(none, AT)).toThrow(away);
  });

  it('are good for a day while the issuer is away, and no longer', () => {
    const last = later(KEYS_LONGEST_SECONDS);
    const failed = noteTry(kept, { triedAt: last - 1, found: { failure: away } });
    expect(requireKeys(failed, last - 1)).toBe('one');
    expect(isFetchDue(failed, last - 1 + KEYS_RETRY_SECONDS * 1000)).toBe(true);
    expect(() => requireKeys(failed, last)).toThrow(away);
    const back = noteTry(failed, { triedAt: last, found: { keys: 'two' } });
    expect([requireKeys(back, last), back.failure]).toEqual(['two', undefined]);
  });
});
