import { beforeEach, describe, expect, it } from 'vitest';
import { createForwardClock } from '../../src/adapters/forward-clock.ts';
import type { Clock } from '../../src/core/ports/clock.ts';
import { createFakeClock, type FakeClock } from '../support/fakes/fake-clock.ts';

const START = Date.parse('2026-11-22T14:00:00Z');
const HOUR_MS = 3_600_000;

let host: FakeClock;
let clock: Clock;
let errors: unknown[];

beforeEach(() => {
  host = createFakeClock(START);
  errors = [];
  clock = createForwardClock({ host, onError: (error) => errors.push(error) });
  clock.now();
});

describe('the clock of a server that has no other', () => {
  it('is the host’s', async () => {
    await host.advance(12_345);
    expect(clock.now()).toBe(START + 12_345);
    expect(clock.readHealth?.()).toEqual({ offsetMs: 0, isTrusted: true });
  });

  it('S10: counts on when the host’s was set back, says so once, and is not trusted', async () => {
    host.setWall(START - 2 * HOUR_MS);
    await host.advance(10_000);
    expect(clock.now()).toBe(START + 10_000);
    expect(clock.now()).toBe(START + 10_000);
    expect(clock.readHealth?.()).toEqual({ offsetMs: 2 * HOUR_MS, isTrusted: false });
    expect(errors).toMatchObject([{ code: 'server_clock_wrong', message: expect.stringContaining('2 h') }]);
  });

  it('is the host’s again once that is there, and says it again the next time', async () => {
    host.setWall(START - 2 * HOUR_MS);
    await host.advance(10_000);
    clock.now();
    host.setWall(START + 10_000);
    expect(clock.now()).toBe(START + 10_000);
    expect(clock.readHealth?.()).toMatchObject({ isTrusted: true });
    host.setWall(START - HOUR_MS);
    clock.now();
    expect(errors).toHaveLength(2);
  });

  it('follows forward, as after a sleep, and back by a minute, as time servers do', () => {
    host.setWall(START + 2 * HOUR_MS);
    expect(clock.now()).toBe(START + 2 * HOUR_MS);
    host.setWall(START + 2 * HOUR_MS - 60_000);
    expect(clock.now()).toBe(START + 2 * HOUR_MS - 60_000);
    host.setWall(START + 2 * HOUR_MS - 120_001);
    expect(clock.now()).toBe(START + 2 * HOUR_MS - 60_000);
    expect(errors).toHaveLength(1);
  });
});
