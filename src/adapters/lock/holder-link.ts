import { readdirSync, readlinkSync, symlinkSync, unlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describeSelf, isGone, judgeOwner, type LockOwner, type OwnerState } from './owner.ts';

// A symbolic link to nowhere is made and filled in one step, exclusively: unlike a file it is never seen empty, and
// needs no temporary beside it. Everything here is synchronous, so that no call of a killed process is still under
// way in another thread when its successor begins.

/** One acquisition: the text in the link, and what makes it different from every other. */
export type Holder = { readonly text: string; readonly nonce: string; readonly owner: LockOwner | undefined };

/** A new acquisition by this process. */
export function buildHolder(): Holder {
  const owner = describeSelf();
  const nonce = `${makeWord()}${makeWord()}`;
  return { text: JSON.stringify({ ...owner, nonce }), nonce, owner };
}

/** Unlike any other, which is all that it is for: no secret, so it need not cost what `node:crypto` costs to load. */
function makeWord(): string {
  return Math.floor(Math.random() * 2 ** 32)
    .toString(16)
    .padStart(8, '0');
}

/** False when somebody has it. */
export function takeLink(path: string, holder: Holder): boolean {
  return ignoring('EEXIST', () => symlinkSync(holder.text, path));
}

/** Undefined when nobody has it. */
export function readHolder(path: string): Holder | undefined {
  let text = '';
  const found = ignoring('ENOENT', () => {
    text = readlinkSync(path);
  });
  return found ? decodeHolder(text) : undefined;
}

/** One whose text is not understood cannot be judged from here. */
export function judgeHolder(holder: Holder): OwnerState {
  return holder.owner ? judgeOwner(holder.owner) : 'elsewhere';
}

/** True when the link was this holder's and is gone now. Only for its holder, and for the claimant of a dead one. */
export function dropLink(path: string, holder: Holder): boolean {
  return readHolder(path)?.text === holder.text && ignoring('ENOENT', () => unlinkSync(path));
}

/**
 * Removes the link of a holder that is dead, unless it is another's by now. Whoever removes it must hold the claim on
 * that very acquisition, and look again under it: the link cannot change from the dead one to anything else except by
 * the claim's holder, so that no slow second taker ever removes the lock of a living successor. The claim is such a
 * link itself, and that of a dead claimant is removed the same way. False when a living claimant is at it.
 */
export function removeDead(path: string, dead: Holder, lockPath: string = path): boolean {
  const claimPath = claimOf(lockPath, dead);
  const claim = buildHolder();
  if (!takeLink(claimPath, claim)) {
    const claimant = readHolder(claimPath);
    return claimant?.owner !== undefined && judgeHolder(claimant) === 'dead'
      ? removeDead(claimPath, claimant, lockPath)
      : false;
  }
  try {
    return dropLink(path, dead);
  } finally {
    dropLink(claimPath, claim);
  }
}

/**
 * Removes claims that dead claimants left. Only for the lock's holder: while it lives, no claim means anything. Of other
 * locks those that nobody may ever take again: a killed command leaves the one that was named for its grant.
 */
export function sweepLeft(lockPath: string): void {
  const folder = dirname(lockPath);
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (name.startsWith(claimPrefix(lockPath))) sweepClaim(path);
    else if (name.endsWith('.lock') && path !== lockPath) sweepLock(path);
  }
}

function sweepClaim(path: string): void {
  const claimant = readHolder(path);
  if (claimant && judgeHolder(claimant) === 'dead') dropLink(path, claimant);
}

function sweepLock(path: string): void {
  try {
    const holder = readHolder(path);
    if (holder?.owner && isGone(holder.owner)) removeDead(path, holder);
  } catch {
    // Nothing that jit made, or nothing that it may touch: not in the way of the lock that is taken.
  }
}

function claimOf(lockPath: string, dead: Holder): string {
  return join(dirname(lockPath), `${claimPrefix(lockPath)}${dead.nonce}`);
}

function claimPrefix(lockPath: string): string {
  return `${basename(lockPath)}+`;
}

function decodeHolder(text: string): Holder {
  try {
    const { host, pid, started, nonce } = JSON.parse(text) as Record<string, unknown>;
    const known = typeof host === 'string' && typeof pid === 'number' && typeof started === 'string';
    if (known && typeof nonce === 'string' && /^[0-9a-f]{16}$/.test(nonce)) {
      return { text, nonce, owner: { host, pid, started } };
    }
  } catch {
    // Not one of ours: told apart from nobody's by having no owner.
  }
  return { text, nonce: '', owner: undefined };
}

function ignoring(code: string, act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === code) return false;
    throw error;
  }
}
