import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readPolicyFolder } from '../../../src/adapters/policy/folder.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jit-policy-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('reads the files that end in .cedar, in the order of their names, and no others', async () => {
  for (const name of ['b.cedar', 'a.cedar', 'notes.md', 'c.cedar~'])
    await writeFile(join(folder, name), name);
  expect(await readPolicyFolder(folder)).toEqual([
    { name: 'a.cedar', text: 'a.cedar' },
    { name: 'b.cedar', text: 'b.cedar' },
  ]);
});

it('refuses a folder without rules, a missing one, and a file that cannot be read, by path', async () => {
  await expect(readPolicyFolder(folder)).rejects.toThrow(`${folder}: there is no *.cedar file`);
  await expect(readPolicyFolder(join(folder, 'none'))).rejects.toThrow(`${join(folder, 'none')}: the folder`);
  await mkdir(join(folder, 'x.cedar'));
  await expect(readPolicyFolder(folder)).rejects.toThrow(
    `${join(folder, 'x.cedar')}: the file cannot be read`,
  );
});
