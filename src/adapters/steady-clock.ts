import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { dirname } from 'node:path';
import type { Clock } from '../core/ports/clock.ts';
import { type Instant, SECOND_MS } from '../core/time.ts';

/** How long this machine has been up, in this boot. Counts on while it sleeps, and nobody can set it. */
export type Boot = { readonly id: string; readonly upMs: number };

export type SteadyClock = Clock & {
  /** A server told its time. Taken for true where this machine's own clock is about right. */
  readonly hear: (at: Instant) => void;
};

export type SteadyClockOptions = {
  /** Where what was heard is kept between commands. */
  readonly path: string;
  readonly wall: Clock;
  readonly readBoot: () => Boot | undefined;
};

type Heard = { readonly bootId: string; readonly upMs: number; readonly at: Instant };

/** A server that is further from the wall clock than this moves nothing: one of the two is badly wrong. */
const BELIEVED_MS = 5 * 60 * SECOND_MS;
/** What was heard is kept anew when it is off by more. */
const NOTICED_MS = 2 * SECOND_MS;

/**
 * The time as a server told it, counted on by the machine's uptime: setting the clock by hours, in either direction, ends
 * nothing early and keeps nothing too long. Before a server was heard in this boot it is the wall clock.
 */
export function createSteadyClock(options: SteadyClockOptions): SteadyClock {
  const { path, wall, readBoot } = options;
  let heard: Heard | undefined | null = null;
  const find = (): Instant | undefined => {
    if (heard === null) heard = readHeard(path);
    const boot = heard && readBoot();
    return heard && boot?.id === heard.bootId ? heard.at + (boot.upMs - heard.upMs) : undefined;
  };
  const now = (): Instant => find() ?? wall.now();
  return {
    now,
    monotonicMs: wall.monotonicMs,
    sleep: wall.sleep,
    hear: (at) => {
      const known = find();
      if (known !== undefined && Math.abs(known - at) <= NOTICED_MS) return;
      // By the wall clock, not by what was counted: no server can lead it away step by step, and a count that went wrong
      // (a machine restored from an image) is put right.
      const boot = Math.abs(wall.now() - at) <= BELIEVED_MS ? readBoot() : undefined;
      if (!boot) return;
      heard = { bootId: boot.id, upMs: boot.upMs, at };
      writeHeard(path, heard);
    },
  };
}

/** Linux counts its uptime through sleep and names each boot; elsewhere there is no such count to be had cheaply. */
export function readLinuxBoot(): Boot | undefined {
  try {
    const id = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return { id, upMs: Math.round(uptime() * SECOND_MS) };
  } catch {
    return undefined;
  }
}

function readHeard(path: string): Heard | undefined {
  try {
    const { bootId, upMs, at } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    const isWhole = Number.isSafeInteger(upMs) && Number.isSafeInteger(at) && typeof bootId === 'string';
    return isWhole ? { bootId, upMs: Number(upMs), at: Number(at) } : undefined;
  } catch {
    return undefined;
  }
}

/** A memory that cannot be written is none: the wall clock serves as before. */
function writeHeard(path: string, heard: Heard): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const draft = `${path}.${process.pid}`;
    writeFileSync(draft, `${JSON.stringify(heard)}\n`, { mode: 0o600 });
    renameSync(draft, path);
  } catch {
    // Full or read-only.
  }
}
