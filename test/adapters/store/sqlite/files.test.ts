import { chmod, chown, mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSqliteStore } from '../../../../src/adapters/store/sqlite/open.ts';
import { storeRequest } from '../../../../src/testing/store/rows.ts';
import { makeFolder } from '../../../support/store/folder.ts';
import { startHolder } from '../../../support/store/process.ts';

const NOBODY = 65_534;

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}

describe('the files of a store', () => {
  it('are for this user alone, whatever lies beside the store while it is open', async () => {
    await using place = await makeFolder();
    const { store, close } = await openSqliteStore({ path: place.path });
    await storeRequest(store);
    const folder = dirname(place.path);
    const names = (await readdir(folder)).sort();
    expect(names).toEqual(['jit.db', 'jit.db-shm', 'jit.db-wal', 'jit.db.lock']);
    for (const name of names) expect(`${name} ${await modeOf(join(folder, name))}`).toBe(`${name} 600`);
    expect(await modeOf(folder)).toBe('700');
    await close();
  });

  it('become private when they were not', async () => {
    await using place = await makeFolder();
    await (await openSqliteStore({ path: place.path })).close();
    await chmod(place.path, 0o644);
    await (await openSqliteStore({ path: place.path })).close();
    expect(await modeOf(place.path)).toBe('600');
  });

  it('are refused by name and reason when they are something else', async () => {
    await using place = await makeFolder();
    await mkdir(dirname(place.path));
    await writeFile(
      place.path,
      'this is a letter, and long enough not to be taken for an empty file '.repeat(20),
    );
    await expect(openSqliteStore({ path: place.path })).rejects.toMatchObject({
      code: 'config_invalid',
      message: `${place.path}: file is not a database`,
    });
  });
});

describe('a place where there can be no store', () => {
  it.each(['jit.db', 'below/jit.db'])('is refused by name and reason: %s', async (below) => {
    await using place = await makeFolder();
    await mkdir(dirname(place.path));
    await writeFile(place.path, '');
    const path = join(place.path, below);
    await expect(openSqliteStore({ path })).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining(`${path}: cannot be kept there by this user (E`),
    });
  });
});

describe.runIf(process.getuid?.() === 0)('a store that root makes in the folder of another', () => {
  it('is that one’s, with all that stands beside it', async () => {
    await using place = await makeFolder();
    const folder = dirname(place.path);
    await mkdir(folder);
    await chown(folder, NOBODY, NOBODY);
    const { store, close } = await openSqliteStore({ path: place.path });
    await store.findPosition();
    const names = (await readdir(folder)).filter((name) => !name.endsWith('.reserve'));
    expect(names).toEqual(expect.arrayContaining(['jit.db', 'jit.db-wal', 'jit.db.lock']));
    const owners = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).uid));
    await close();
    expect(new Set(owners)).toEqual(new Set([NOBODY]));
  });
});

describe('a second server on one store', () => {
  it('is refused while the first one lives, and the refusal does not loosen the hold of the first', async () => {
    await using place = await makeFolder();
    const { close } = await openSqliteStore({ path: place.path });
    for (const _again of [1, 2]) {
      await expect(openSqliteStore({ path: place.path })).rejects.toMatchObject({ code: 'store_in_use' });
      await using other = startHolder(place.path);
      expect(await other.nextLine()).toBe('store_in_use');
    }
    await close();
    await using next = startHolder(place.path);
    expect(await next.nextLine()).toBe('held');
  });

  it('is refused also when it comes by another name', async () => {
    await using place = await makeFolder();
    const { close } = await openSqliteStore({ path: place.path });
    const alias = join(place.folder, 'alias.db');
    await symlink(place.path, alias);
    await expect(openSqliteStore({ path: alias })).rejects.toMatchObject({ code: 'store_in_use' });
    await close();
  });

  it('may start as soon as the first one was killed', async () => {
    await using place = await makeFolder();
    await using holder = startHolder(place.path);
    expect(await holder.nextLine()).toBe('held');
    await expect(openSqliteStore({ path: place.path })).rejects.toMatchObject({ code: 'store_in_use' });
    await holder.kill();
    const { close } = await openSqliteStore({ path: place.path });
    await close();
  });
});

describe('a server that is killed while it commits', () => {
  it('I4: has kept every request that it said was committed, each with its event', async () => {
    await using place = await makeFolder();
    await using server = startHolder(place.path, 'commit');
    expect(await server.nextLine()).toBe('held');
    const said: string[] = [];
    while (said.length < 40) said.push((await server.nextLine()) ?? '');
    await server.kill();
    const { store, close } = await openSqliteStore({ path: place.path });
    const kept = await store.listRequests({ limit: 100_000 });
    const events = await store.listEvents({ limit: 100_000 });
    expect(kept.map((request) => request.id)).toEqual(expect.arrayContaining(said));
    expect(events.map((event) => event.requestId).sort()).toEqual(kept.map((request) => request.id).sort());
    await close();
  });
});
