import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

const MIB = 1024 * 1024;
/** Both halves. More is faster by what cannot be measured here, and is never given back. */
const MOST_BYTES = 32 * MIB;
const LOOK_EVERY_MS = 100;

export type YoungMemoryOptions = { readonly mostBytes?: number; readonly lookEveryMs?: number };

/**
 * Keeps V8's space for young objects from growing to 128 MiB, as it does under load on a machine with much memory. It may
 * become larger by the growth between two looks. For the whole process; returns how to let go of it.
 */
export function limitYoungMemory({
  mostBytes = MOST_BYTES,
  lookEveryMs = LOOK_EVERY_MS,
}: YoungMemoryOptions = {}): () => void {
  let isHeld = false;
  const hold = (isWanted: boolean): void => {
    if (isWanted === isHeld) return;
    isHeld = isWanted;
    // Read at every collection, unlike the size itself, which counts at the start of the process only.
    setFlagsFromString(`--semi-space-growth-factor=${isWanted ? 1 : 2}`);
  };
  // V8 makes it smaller when little happens: then it may grow again.
  const timer = setInterval(() => hold(readYoungBytes() >= mostBytes), lookEveryMs).unref();
  return () => {
    clearInterval(timer);
    hold(false);
  };
}

export function readYoungBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.space_size ?? 0;
}
