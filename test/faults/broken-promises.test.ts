import { describe, expect, it } from 'vitest';
import { findBrokenPromises } from '../support/faults/broken-promises.ts';
import type { Told } from '../support/faults/history.ts';

const told = (state: string, startedMs: number, endedMs = startedMs + 1): Told => ({
  about: state === 'active' || state === 'revoking' || state === 'ended' ? 'grant' : 'request',
  id: 'it_1',
  state,
  startedMs,
  endedMs,
});
const token = (isActive: boolean, startedMs: number): Told => ({
  about: 'token',
  id: 'it_1',
  isActive,
  startedMs,
  endedMs: startedMs + 1,
});
const judge = (facts: readonly Told[], state: string | null) =>
  findBrokenPromises(facts, state === null ? [] : [{ id: 'it_1', state }]);

describe('what clients were told', () => {
  it('is in order where every answer is as far along as the one before, and the record is too', () => {
    expect(judge([told('pending', 1), told('approved', 3), told('claimed', 5)], 'claimed')).toEqual([]);
    expect(judge([told('active', 1), token(true, 3), told('ended', 5), token(false, 7)], 'ended')).toEqual(
      [],
    );
    expect(judge([told('pending', 1)], 'denied')).toEqual([]);
  });

  it('may come in any order of two that were asked at once', () => {
    expect(judge([told('ended', 1, 10), told('active', 2, 11)], 'ended')).toEqual([]);
    expect(judge([told('ended', 1, 10), token(true, 9)], 'ended')).toEqual([]);
  });

  it('I2: is broken by a second decision', () => {
    expect(judge([told('denied', 1), told('claimed', 1)], 'claimed')).toEqual([
      'I2: it_1 was told to be denied and claimed',
      'it_1 was told as denied and is claimed on record',
    ]);
  });

  it('I2: is broken by a step back', () => {
    expect(judge([told('ended', 1), told('active', 3)], 'ended')).toEqual([
      'I2: "active" was told after "ended" of it_1',
    ]);
  });

  it('I1: is broken by a token that is good after its grant was told to end', () => {
    for (const state of ['revoking', 'ended'])
      expect(judge([told(state, 1), token(true, 3)], 'ended')).toEqual([
        `I1: a good token was told after "${state}" of it_1`,
      ]);
  });

  it('is broken where the record has less, or nothing', () => {
    expect(judge([told('revoking', 1)], 'active')).toEqual([
      'it_1 was told as revoking and is active on record',
    ]);
    expect(judge([told('claimed', 1)], null)).toEqual(['it_1 was acknowledged and is not on record']);
  });
});
