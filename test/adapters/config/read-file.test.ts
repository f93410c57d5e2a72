import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readConfigText } from '../../../src/adapters/config/read-file.ts';

it('a configuration that is not there is named by its whole path', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'jit-config-'));
  try {
    const path = join(folder, 'nonexist.yaml');
    await expect(readConfigText(path, 'nonexist.yaml')).rejects.toMatchObject({
      code: 'config_invalid',
      message: `${path}: does not exist or is not readable`,
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});
