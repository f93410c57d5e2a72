import { lstatSync, lutimesSync, symlinkSync, unlinkSync } from 'node:fs';
import { buildHolder, type Holder, readHolder } from './holder-link.ts';

const EVERY_MS = 5_000;
/** Several beats that did not come: of a program that runs, one is late at most. */
const SILENT_MS = 30_000;

/** Says again and again that a link's holder lives, to those who cannot look. Returns how to stop. */
export function beginPulse(path: string, mine: Holder): () => void {
  const timer = setInterval(() => beat(path, mine), EVERY_MS).unref();
  return () => clearInterval(timer);
}

/** Has the holder of this link said nothing for long? */
export function isSilent(path: string): boolean {
  try {
    return readDiskTimeMs(path) - lstatSync(path).mtimeMs > SILENT_MS;
  } catch {
    // It has gone meanwhile, or nobody can tell.
    return false;
  }
}

function beat(path: string, mine: Holder): void {
  try {
    if (readHolder(path)?.text !== mine.text) return;
    const atSeconds = readDiskTimeMs(path) / 1_000;
    lutimesSync(path, atSeconds, atSeconds);
  } catch {
    // Nothing can be written: whoever cannot look takes this holder for dead.
  }
}

/** The time of the disk that all of them share, which no two machines need to agree on. */
function readDiskTimeMs(path: string): number {
  const probe = buildHolder();
  // Named like a claim, so that one that is left behind is swept like one.
  const probePath = `${path}+${probe.nonce}`;
  symlinkSync(probe.text, probePath);
  try {
    return lstatSync(probePath).mtimeMs;
  } finally {
    unlinkSync(probePath);
  }
}
