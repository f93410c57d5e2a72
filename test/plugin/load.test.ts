import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadPlugin } from '../../src/plugin/load.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jit-load-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('INP-05: a plugin whose module waits at its top for ever is not waited for', async () => {
  await writeFile(join(folder, 'hanging.mjs'), 'await new Promise(() => {});');
  const loading = loadPlugin({ name: './hanging.mjs', folder, ownModules: {}, timeoutMs: 20 });
  await expect(loading).rejects.toMatchObject({
    code: 'plugin_unusable',
    message: expect.stringContaining('loading it failed: it was not ready after 20 ms'),
  });
});
