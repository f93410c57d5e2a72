import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasTool } from '../tools.ts';

/** The clock of the host, as one program sees it, which can be set while that program runs. */
export type HostClock = AsyncDisposable & {
  /** The environment of whoever is to see it. */
  readonly environment: Readonly<Record<string, string>>;
  /** So far ahead of the true time, from now on. */
  readonly set: (aheadSeconds: number) => Promise<void>;
};

export function canSetClock(): boolean {
  return hasTool(['faketime', '-f', '+1h', 'true'], 'faketime (Debian: faketime)');
}

/** By libfaketime, which reads how far from a file at every look. The monotonic clock stays what it is: timers go by it. */
export async function openHostClock(): Promise<HostClock> {
  const folder = await mkdtemp(join(tmpdir(), 'jit-clock-'));
  const path = join(folder, 'time');
  const set = (aheadSeconds: number) => writeFile(path, `${aheadSeconds < 0 ? '' : '+'}${aheadSeconds}\n`);
  await set(0);
  return {
    environment: {
      LD_PRELOAD: findLibrary(),
      FAKETIME_TIMESTAMP_FILE: path,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      DONT_FAKE_MONOTONIC: '1',
    },
    set,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

/** `faketime` itself says which library it is a wrapper around. */
function findLibrary(): string {
  return execFileSync('faketime', ['-m', '-f', '+0', 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' }).trim();
}
