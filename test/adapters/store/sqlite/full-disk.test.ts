import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenStore } from '../../../../src/adapters/store/opened.ts';
import { openSqliteStore } from '../../../../src/adapters/store/sqlite/open.ts';
import { RESERVE_BYTES } from '../../../../src/adapters/store/sqlite/reserve.ts';
import type { AuditEventKind } from '../../../../src/core/audit/event.ts';
import { buildEvent } from '../../../../src/testing/store/rows.ts';
import { canMountDisk, mountSmallDisk, type SmallDisk } from '../../../support/faults/small-disk.ts';

const isPossible = canMountDisk();
const LONG = 'x'.repeat(60_000);
const MOST_WRITES = 1_000;

let disk: SmallDisk;
let opened: OpenStore;

beforeEach(async () => {
  if (!isPossible) return;
  disk = await mountSmallDisk(72);
  opened = await open();
  await opened.room.look();
});

afterEach(async () => {
  if (!isPossible) return;
  await opened.close();
  await disk[Symbol.asyncDispose]();
});

function open(): Promise<OpenStore> {
  return openSqliteStore({ path: join(disk.folder, 'jit.db') });
}

async function readReserveBytes(): Promise<number> {
  return stat(join(disk.folder, 'jit.db.reserve')).then(
    ({ size }) => size,
    () => 0,
  );
}

function commit(kind: AuditEventKind): Promise<'committed' | 'lost'> {
  return opened.store.commit({ event: buildEvent(kind) });
}

/** One after the other, until one is refused; how many were acknowledged. */
async function writeUntilRefused(write: (count: number) => Promise<unknown>): Promise<number> {
  for (let count = 0; count < MOST_WRITES; count += 1) {
    const isWritten = await write(count).then(
      () => true,
      (error: unknown) => {
        expect(error).toMatchObject({ code: 'store_full', status: 503, exitCode: 8 });
        return false;
      },
    );
    if (!isWritten) return count;
  }
  throw new Error('nothing was refused');
}

function put(id: string): Promise<void> {
  return opened.protocol.put({ kind: 'Probe', id, payload: { text: LONG }, expiresAt: null });
}

async function fillUntilRefused(): Promise<number> {
  await disk.fill();
  return writeUntilRefused(() => commit('request.submitted'));
}

describe.skipIf(!isPossible)('a store on a disk that is full', () => {
  it('has set room aside, of its own, while there was some', async () => {
    expect(await readReserveBytes()).toBe(RESERVE_BYTES);
    expect(opened.room.isShort()).toBe(false);
    expect((await opened.store.readFigures(0)).isShortOfRoom).toBe(false);
  });

  it('takes nothing new, and goes on with endings, also after somebody else took all that it gave up', async () => {
    const changes: boolean[] = [];
    opened.room.watch((isShort) => void changes.push(isShort));
    await fillUntilRefused();
    await disk.fill();
    expect([await readReserveBytes(), changes]).toEqual([0, [true]]);
    for (let count = 0; count < 300; count += 1) expect(await commit('grant.ended')).toBe('committed');
    expect(await writeUntilRefused(() => commit('grant.provisioning'))).toBe(0);
    expect((await opened.store.readFigures(0)).isShortOfRoom).toBe(true);
  });

  it('writes the write that met the full disk, where it is an ending', async () => {
    await disk.fill();
    const outcomes: string[] = [];
    while (!opened.room.isShort()) outcomes.push(await commit('grant.ended'));
    expect(new Set(outcomes)).toEqual(new Set(['committed']));
    expect(await opened.store.listEvents({ limit: MOST_WRITES })).toHaveLength(outcomes.length);
  });

  it('refuses what begins and writes what ends, where both came at the same moment', async () => {
    await disk.fill();
    while (!opened.room.isShort()) {
      const [begun, ended] = await Promise.allSettled([commit('request.submitted'), commit('grant.ended')]);
      expect(ended).toMatchObject({ value: 'committed' });
      expect(begun.status).toBe(opened.room.isShort() ? 'rejected' : 'fulfilled');
    }
  });

  it('acknowledges nothing that is not on the disk when all of it is used up, and goes on when there is room', async () => {
    await fillUntilRefused();
    await disk.fill();
    const count = await writeUntilRefused((number) => put(`entry ${number}`));
    expect(count).toBeGreaterThan(200);
    expect(await opened.protocol.find('Probe', `entry ${count}`)).toBeUndefined();
    await disk.empty();
    expect(await commit('grant.ended')).toBe('committed');
    await opened.room.look();
    expect(await commit('request.submitted')).toBe('committed');
    await opened.close();
    opened = await open();
    const kept = await Promise.all(
      Array.from({ length: count }, (_, number) => opened.protocol.find('Probe', `entry ${number}`)),
    );
    expect(kept.every((entry) => entry?.payload.text === LONG)).toBe(true);
  });

  it('heals only once there is room to set aside, and some more', async () => {
    await fillUntilRefused();
    await opened.room.look();
    expect([opened.room.isShort(), await readReserveBytes()]).toEqual([true, 0]);
    await disk.empty();
    await opened.room.look();
    expect([opened.room.isShort(), await readReserveBytes()]).toEqual([false, RESERVE_BYTES]);
  });

  it('is stopped and started meanwhile, and goes on with endings', async () => {
    await fillUntilRefused();
    await disk.fill();
    await opened.close();
    await disk.fill();
    opened = await open();
    expect(opened.room.isShort()).toBe(true);
    expect(await writeUntilRefused(() => commit('request.submitted'))).toBe(0);
    expect(await commit('grant.ended')).toBe('committed');
  });

  it('cannot be started where there is no room at all, and says why', async () => {
    await fillUntilRefused();
    await opened.close();
    await rm(join(disk.folder, 'jit.db.reserve'));
    await disk.fill();
    await expect(open()).rejects.toMatchObject({ code: 'store_full' });
    await disk.empty();
    opened = await open();
  });

  it('starts on a full disk with what it has set aside', async () => {
    await opened.close();
    await disk.fill();
    opened = await open();
    await disk.fill();
    for (let count = 0; count < 300; count += 1) expect(await commit('grant.ended')).toBe('committed');
    expect(opened.room.isShort()).toBe(true);
  });
});
