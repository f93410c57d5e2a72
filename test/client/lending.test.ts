import { describe, expect, it } from 'vitest';
import { drop, keep, listHeld } from '../../src/client/held.ts';
import { beginUse, keepForGood } from '../../src/client/lending.ts';
import { fail } from '../../src/core/errors.ts';
import type { HeldGrant } from '../../src/core/ports/local-state.ts';
import { createTestParts, type TestParts } from '../support/fakes/client-parts.ts';
import { buildClaimed } from '../support/fakes/fake-backend.ts';

const giveNothingBack = async (): Promise<void> => undefined;

const full = fail('failed', { why: 'held.json was not written (ENOSPC)' });

async function openMachine(): Promise<{ parts: TestParts; held: HeldGrant }> {
  const parts = createTestParts();
  return { parts, held: await keep(parts, buildClaimed()) };
}

/** As giving back does, once the server has the grant. */
async function forget(parts: TestParts, held: HeldGrant): Promise<void> {
  await drop(parts, { ...held, id: held.view.id });
}

describe('a grant that a command asked for', () => {
  it('is to be given back when that command ends', async () => {
    const { parts, held } = await openMachine();
    const use = await beginUse(parts, { held, isLent: true });
    expect(await use.end(giveNothingBack)).toBe(true);
  });

  it('is given back by whoever uses it last on this machine, and by nobody else', async () => {
    const { parts, held } = await openMachine();
    const first = await beginUse(parts, { held, isLent: true });
    const second = await beginUse(parts, { held, isLent: false });
    const third = await beginUse(parts, { held, isLent: false });
    expect(await first.end(giveNothingBack)).toBe(false);
    expect(await third.end(giveNothingBack)).toBe(false);
    expect(await second.end(giveNothingBack)).toBe(true);
  });

  it('is given back once by two that end at the same moment', async () => {
    const { parts, held } = await openMachine();
    const first = await beginUse(parts, { held, isLent: true });
    const second = await beginUse(parts, { held, isLent: false });
    const giveBack = () => forget(parts, held);
    const ended = await Promise.all([first.end(giveBack), second.end(giveBack)]);
    expect(ended.sort()).toEqual([false, true]);
  });

  it('stays one that was asked for by a command when its token is delivered again', async () => {
    const { parts, held } = await openMachine();
    const use = await beginUse(parts, { held, isLent: true });
    await keep(parts, buildClaimed());
    expect(await use.end(giveNothingBack)).toBe(true);
  });

  it('stays where its holder asked for it to stay meanwhile', async () => {
    const { parts, held } = await openMachine();
    const use = await beginUse(parts, { held, isLent: true });
    for (const known of await listHeld(parts)) await keepForGood(parts, known);
    expect(await use.end(giveNothingBack)).toBe(false);
  });

  it('is given back also where nothing can be noted here, or nothing is known of it any more', async () => {
    const { parts, held } = await openMachine();
    const state = { ...parts.state, update: () => Promise.reject(full) };
    const use = await beginUse({ ...parts, state }, { held, isLent: true });
    expect(await use.end(giveNothingBack)).toBe(true);
    const other = await beginUse(parts, { held, isLent: true });
    await parts.state.update((known) => ({ ...known, grants: [] }));
    expect(await other.end(giveNothingBack)).toBe(true);
  });
});

describe('a grant that is being given back', () => {
  /** The last command that uses it gives it back; what begins is called while that goes on. */
  async function giveBack(begin: (machine: { parts: TestParts; held: HeldGrant }) => Promise<unknown>) {
    const { parts, held } = await openMachine();
    const use = await beginUse(parts, { held, isLent: true });
    let begun: Promise<unknown> = Promise.resolve();
    const isGiven = await use.end(async () => {
      begun = begin({ parts, held });
      begun.catch(() => undefined);
      await forget(parts, held);
    });
    expect(isGiven).toBe(true);
    return begun;
  }

  it('is not for a command that begins meanwhile: it hears that before it starts', async () => {
    const begun = giveBack(({ parts, held }) => beginUse(parts, { held, isLent: false }));
    await expect(begun).rejects.toMatchObject({ code: 'no_grant' });
  });

  it('is not for somebody who wants it to stay either', async () => {
    const kept = giveBack(({ parts, held }) => keepForGood(parts, held));
    await expect(kept).rejects.toMatchObject({ code: 'no_grant' });
  });

  it('is theirs who waited for that where it could not be given back, and goes with them', async () => {
    const { parts, held } = await openMachine();
    const first = await beginUse(parts, { held, isLent: true });
    let waiting: ReturnType<typeof beginUse> | undefined;
    await first.end(async () => {
      waiting = beginUse(parts, { held, isLent: false });
    });
    expect(await (await waiting)?.end(() => forget(parts, held))).toBe(true);
    expect(await listHeld(parts)).toEqual([]);
  });

  it('is free again where the command that gave it back was killed over it', async () => {
    const { parts, held } = await openMachine();
    const first = await beginUse(parts, { held, isLent: true });
    await expect(first.end(() => Promise.reject(full))).rejects.toThrow(/ENOSPC/);
    const second = await beginUse(parts, { held, isLent: false });
    expect(await second.end(() => forget(parts, held))).toBe(true);
  });
});

describe('a grant that is held', () => {
  it('stays when the last command that uses it ends', async () => {
    const { parts, held } = await openMachine();
    const use = await beginUse(parts, { held, isLent: false });
    expect(await use.end(giveNothingBack)).toBe(false);
  });
});
