import { describe, expect, it } from 'vitest';
import { createSeats } from '../../../src/server/live/seats.ts';

describe('seats', () => {
  it('INP-01: are so many for each person and so many in all, and leaving twice frees one', () => {
    const seats = createSeats({ what: 'chairs', mostPerPerson: 2, mostInAll: 3 });
    const leave = seats.take('a');
    seats.take('a');
    expect(() => seats.take('a')).toThrow('too many chairs');
    seats.take('b');
    expect(() => seats.take('b')).toThrow('too many chairs');
    leave();
    leave();
    seats.take('b');
    expect(() => seats.take('a')).toThrow('too many chairs');
  });
});
