import { fail } from '../core/errors.ts';
import type { Clock, ClockHealth } from '../core/ports/clock.ts';
import { type Instant, SECOND_MS } from '../core/time.ts';

const MEASURE_EVERY_MS = 30 * SECOND_MS;
const TRUSTED_MS = 5 * SECOND_MS;
/** The wall clock and the monotonic one went apart by this: somebody set the one, or the machine slept. */
const NOTICED_MS = SECOND_MS;
const SAMPLES = 3;

export type DatabaseClockOptions = {
  readonly host: Clock;
  /** What time it is at the database; how long the answer took is seen here. */
  readonly readTime: () => Promise<Instant>;
  /** Told when the two clocks are too far apart, once for each time that it begins. */
  readonly onError: (error: unknown) => void;
};

export type DatabaseClock = Clock & {
  readonly readHealth: () => ClockHealth;
  readonly stop: () => Promise<void>;
};

/** The database's time at one moment of the monotonic clock, give or take half of how long it took to ask. */
type Reading = {
  readonly at: number;
  readonly monotonicMs: number;
  readonly hostAt: Instant;
  readonly doubtMs: number;
};

/**
 * The time of the database (S10), the same for every server of it whatever their hosts believe: measured now, every 30 s
 * and whenever the host's clock jumps; in between the host's monotonic clock counts on. Rejects where it cannot be had.
 */
export async function openDatabaseClock(options: DatabaseClockOptions): Promise<DatabaseClock> {
  const { host } = options;
  const stopping = new AbortController();
  let reading = await measure(options);
  let nap = new AbortController();
  let isTold = false;
  const now = (): Instant => {
    if (Math.abs(findJumpMs(host, reading)) > NOTICED_MS) nap.abort();
    return Math.round(countOn(reading, host.monotonicMs()));
  };
  const readHealth = (): ClockHealth => {
    const offsetMs = now() - host.now();
    return { offsetMs, isTrusted: Math.abs(offsetMs) <= TRUSTED_MS };
  };
  const judge = (): void => {
    const { offsetMs, isTrusted } = readHealth();
    if (!isTrusted && !isTold)
      options.onError(fail('server_clock_wrong', { offsetSeconds: Math.round(offsetMs / SECOND_MS) }));
    isTold = !isTrusted;
  };
  const keepUp = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      judge();
      await host.sleep(MEASURE_EVERY_MS, AbortSignal.any([nap.signal, stopping.signal]));
      if (stopping.signal.aborted) return;
      const next = await measure(options).catch(() => undefined);
      if (next) reading = choose(reading, next);
      // Without an answer the jump is looked at again at the end of a nap, not at once.
      else reading = { ...reading, ...countedOn(reading, host) };
      nap = new AbortController();
    }
  };
  const running = keepUp();
  return {
    now,
    monotonicMs: host.monotonicMs,
    sleep: host.sleep,
    readHealth,
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

/** The reading that took least: the shorter the way, the less can hide in it. */
async function measure(options: DatabaseClockOptions): Promise<Reading> {
  let best = await read(options);
  for (let sample = 1; sample < SAMPLES; sample += 1) {
    const next = await read(options);
    if (next.doubtMs < best.doubtMs) best = next;
  }
  return best;
}

async function read({ host, readTime }: DatabaseClockOptions): Promise<Reading> {
  const beforeMs = host.monotonicMs();
  const at = await readTime();
  const monotonicMs = host.monotonicMs();
  const doubtMs = (monotonicMs - beforeMs) / 2;
  return { at: at + doubtMs, monotonicMs, hostAt: host.now(), doubtMs };
}

function countOn(reading: Reading, monotonicMs: number): number {
  return reading.at + (monotonicMs - reading.monotonicMs);
}

function countedOn(reading: Reading, host: Clock): Omit<Reading, 'doubtMs'> {
  const monotonicMs = host.monotonicMs();
  return { at: countOn(reading, monotonicMs), monotonicMs, hostAt: host.now() };
}

function findJumpMs(host: Clock, reading: Reading): number {
  return host.now() - reading.hostAt - (host.monotonicMs() - reading.monotonicMs);
}

/** What the two readings cannot tell apart is no reason to step: time goes on as it did. */
function choose(before: Reading, next: Reading): Reading {
  const expectedAt = countOn(before, next.monotonicMs);
  const isSame = Math.abs(next.at - expectedAt) <= before.doubtMs + next.doubtMs;
  return isSame ? { ...next, at: expectedAt } : next;
}
