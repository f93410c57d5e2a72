import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  buildHolder,
  dropLink,
  type Holder,
  readHolder,
  removeDead,
  sweepLeft,
  takeLink,
} from '../../../src/adapters/lock/holder-link.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jit-holder-'));
  path = join(folder, 'session.lock');
});
afterEach(() => rm(folder, { recursive: true }));

function buildDead(): Holder {
  const holder = buildHolder();
  const text = JSON.stringify({ ...JSON.parse(holder.text), started: 'before' });
  return { ...holder, text };
}

const claimOf = (dead: Holder) => `${path}+${dead.nonce}`;

describe('taking over', () => {
  it('S11: a slow second taker does not remove the lock of the first, who is alive', () => {
    const dead = buildDead();
    takeLink(path, dead);
    // Both have seen the dead one; the first is through before the second begins.
    expect(removeDead(path, dead)).toBe(true);
    const first = buildHolder();
    expect(takeLink(path, first)).toBe(true);
    expect(removeDead(path, dead)).toBe(false);
    expect(readHolder(path)?.text).toBe(first.text);
    expect(readdirSync(folder)).toEqual(['session.lock']);
  });

  it('is left to a living claimant', () => {
    const dead = buildDead();
    takeLink(path, dead);
    takeLink(claimOf(dead), buildHolder());
    expect(removeDead(path, dead)).toBe(false);
    expect(readHolder(path)?.text).toBe(dead.text);
  });

  it('goes on after a claimant that was killed, however many of them', () => {
    const [dead, claimant, claimantOfClaim] = [buildDead(), buildDead(), buildDead()];
    takeLink(path, dead);
    takeLink(claimOf(dead), claimant);
    takeLink(claimOf(claimant), claimantOfClaim);
    for (let attempt = 0; attempt < 3; attempt += 1) expect(removeDead(path, dead)).toBe(true);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('sweeping', () => {
  it('I6: removes what dead claimants left, and nothing of the living or of other locks', () => {
    const [claimant, living] = [buildDead(), buildHolder()];
    takeLink(claimOf(buildDead()), claimant);
    takeLink(claimOf(living), living);
    takeLink(join(folder, 'other.lock'), claimant);
    sweepLeft(path);
    expect(readdirSync(folder).sort()).toEqual(['other.lock', `session.lock+${living.nonce}`]);
  });
});

describe('letting go', () => {
  it('touches only the link that is one’s own', () => {
    const [mine, other] = [buildHolder(), buildHolder()];
    takeLink(path, other);
    expect(dropLink(path, mine)).toBe(false);
    expect(dropLink(path, other)).toBe(true);
    expect(dropLink(path, other)).toBe(false);
  });

  it('a link of something that is not jit belongs to nobody that could be dead', () => {
    takeLink(path, { text: 'nowhere', nonce: '', owner: undefined });
    expect(readHolder(path)?.owner).toBeUndefined();
  });
});
