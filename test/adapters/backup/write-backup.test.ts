import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { writeBackup } from '../../../src/adapters/backup/write-backup.ts';
import type { CopiedRow } from '../../../src/core/ports/store-copy.ts';
import { type Folder, makeFolder } from '../../support/databases/kept-store.ts';

const ROW: CopiedRow = { table: 'settings', columns: ['name', 'value'], cells: ['installation', 'a1b2c3d4'] };

/** A backup of one row, at which `look` is called once the file is begun. */
async function write(folder: Folder, look: () => Promise<unknown>) {
  async function* rows(): AsyncGenerator<CopiedRow> {
    await look();
    yield ROW;
  }
  const head = { migrations: ['0001-first'], installation: 'a1b2c3d4' };
  return await writeBackup({
    path: folder.in('jit.backup'),
    key: Buffer.alloc(32),
    copy: { head, rows: rows() },
    version: '1.2.3',
    takenAt: 0,
  });
}

const list = (folder: Folder): Promise<readonly string[]> => readdir(folder.in('.'));

describe('a backup that is written', () => {
  it('has its name once it is whole, so that one that was killed is never taken for one', async () => {
    await using folder = await makeFolder();
    const seen: string[] = [];
    await write(folder, async () => seen.push(...(await list(folder))));
    expect(seen).toEqual([expect.stringMatching(/^jit\.backup\.\w{8}\.unfinished$/)]);
    expect(await list(folder)).toEqual(['jit.backup']);
    expect((await stat(folder.in('jit.backup'))).mode & 0o777).toBe(0o600);
    expect((await readFile(folder.in('jit.backup'), 'utf8')).split('\n')).toHaveLength(5);
  });

  it('leaves nothing where it fails', async () => {
    await using folder = await makeFolder();
    const failing = write(folder, () => Promise.reject(new Error('the database went away')));
    await expect(failing).rejects.toThrow('the database went away');
    expect(await list(folder)).toEqual([]);
  });

  it('takes its name from nobody who took it meanwhile', async () => {
    await using folder = await makeFolder();
    const path = folder.in('jit.backup');
    await expect(write(folder, () => writeFile(path, 'theirs'))).rejects.toMatchObject({
      code: 'backup_exists',
    });
    expect([await list(folder), await readFile(path, 'utf8')]).toEqual([['jit.backup'], 'theirs']);
  });
});
