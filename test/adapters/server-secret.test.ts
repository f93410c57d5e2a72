import { chmod, chown, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readServerSecret } from '../../src/adapters/server-secret.ts';

const GOOD = `${'k'.repeat(43)}\n`;

let folder: string;
let path: string;
let exposed: Error[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jit-secret-'));
  path = join(folder, 'jit.db.key');
  exposed = [];
});

afterEach(() => rm(folder, { recursive: true }));

const read = () => readServerSecret({ path, onExposed: (error) => exposed.push(error) });
const modeOf = async () => (await stat(path)).mode & 0o777;

describe("the embedded server's secret", () => {
  it('I5: is made at the first start, for its owner only, and is the same ever after', async () => {
    const [first, atOnce] = await Promise.all([read(), read()]);
    expect(Buffer.from(first.reveal(), 'base64url')).toHaveLength(32);
    expect([atOnce.reveal(), (await read()).reveal()]).toEqual([first.reveal(), first.reveal()]);
    expect(await modeOf()).toBe(0o600);
    expect(await readdir(folder)).toEqual(['jit.db.key']);
    expect(exposed).toEqual([]);
  });

  it.each([
    ['empty', ''],
    ['blank', ' \n'.repeat(40)],
    ['torn', GOOD.slice(0, 31)],
  ])('is refused when the file is %s: everybody would know it', async (_, content) => {
    await writeFile(path, content, { mode: 0o600 });
    await expect(read()).rejects.toMatchObject({
      code: 'config_invalid',
      message: `${path}: has fewer than 32 bytes: restore it, it opens the keys in the store`,
    });
  });

  it('is refused when the file is a link, a folder or far too large', async () => {
    const elsewhere = join(folder, 'elsewhere');
    await writeFile(elsewhere, GOOD, { mode: 0o600 });
    await symlink(elsewhere, path);
    await expect(read()).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringMatching(/symbolic link/),
    });
    path = folder;
    await expect(read()).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringMatching(/not a file/),
    });
    path = join(folder, 'large');
    await writeFile(path, 'k'.repeat(4097), { mode: 0o600 });
    await expect(read()).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringMatching(/too large/),
    });
  });

  it('is refused when the file belongs to somebody else', async () => {
    await writeFile(path, GOOD, { mode: 0o600 });
    if (process.getuid?.() === 0) await chown(path, 65_534, 65_534);
    else path = '/etc/passwd';
    await expect(read()).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringMatching(/another user/),
    });
  });

  it('is taken away from others who could read it, and that is said', async () => {
    await writeFile(path, GOOD);
    await chmod(path, 0o644);
    expect((await read()).reveal()).toBe(GOOD.trim());
    expect(await modeOf()).toBe(0o600);
    expect(exposed.map((error) => error.message)).toEqual([expect.stringContaining(path)]);
    await read();
    expect(exposed).toHaveLength(1);
  });
});
