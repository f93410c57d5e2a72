import { describe, expect, it } from 'vitest';
import { keep, listHeld } from '../../src/client/held.ts';
import { beginUse, keepForGood } from '../../src/client/lending.ts';
import { fail } from '../../src/core/errors.ts';
import type { HeldGrant } from '../../src/core/ports/local-state.ts';
import { createTestParts, type TestParts } from '../support/fakes/client-parts.ts';
import { buildClaimed } from '../support/fakes/fake-backend.ts';

const full = fail('failed', { why: 'held.json was not written (ENOSPC)' });

async function openMachine(): Promise<{ parts: TestParts; held: HeldGrant }> {
  const parts = createTestParts();
  return { parts, held: await keep(parts, buildClaimed()) };
}

describe('a grant that a command asked for', () => {
  it('is to be given back when that command ends', async () => {
    const { parts, held } = await openMachine();
    const use = await beginUse(parts, { held, isLent: true });
    expect(await use.end()).toBe(true);
  });

  it('is given back by whoever uses it last on this machine, and by nobody else', async () => {
    const { parts, held } = await openMachine();
    const first = await beginUse(parts, { held, isLent: true });
    const second = await beginUse(parts, { held, isLent: false });
    const third = await beginUse(parts, { held, isLent: false });
    expect(await first.end()).toBe(false);
    expect(await third.end()).toBe(false);
    expect(await second.end()).toBe(true);
  });

  it('is given back once by two that end at the same moment', async () => {
    const { parts, held } = await openMachine();
    const first = await beginUse(parts, { held, isLent: true });
    const second = await beginUse(parts, { held, isLent: false });
    expect((await Promise.all([first.end(), second.end()])).sort()).toEqual([false, true]);
  });

  it('stays one that was asked for by a command when its token is delivered again', async () => {
    const { parts, held } = await openMachine();
    const use = await beginUse(parts, { held, isLent: true });
    await keep(parts, buildClaimed());
    expect(await use.end()).toBe(true);
  });

  it('stays where its holder asked for it to stay meanwhile', async () => {
    const { parts, held } = await openMachine();
    const use = await beginUse(parts, { held, isLent: true });
    for (const known of await listHeld(parts)) await keepForGood(parts, known);
    expect(await use.end()).toBe(false);
  });

  it('is given back also where nothing can be noted here, or nothing is known of it any more', async () => {
    const { parts, held } = await openMachine();
    const state = { ...parts.state, update: () => Promise.reject(full) };
    const use = await beginUse({ ...parts, state }, { held, isLent: true });
    expect(await use.end()).toBe(true);
    const other = await beginUse(parts, { held, isLent: true });
    await parts.state.update((known) => ({ ...known, grants: [] }));
    expect(await other.end()).toBe(true);
  });
});

describe('a grant that is held', () => {
  it('stays when the last command that uses it ends', async () => {
    const { parts, held } = await openMachine();
    const use = await beginUse(parts, { held, isLent: false });
    expect(await use.end()).toBe(false);
  });
});
