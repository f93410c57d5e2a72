import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openKeychain } from '../../../src/adapters/keychain/open.ts';
import { refusePassphrase } from '../../support/keyrings/unasked.ts';

it('S14: opens what was chosen and nothing else; nothing chosen is the system’s', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'jit-open-'));
  const kindOf = async (choice: 'os' | 'file' | undefined) =>
    (await openKeychain({ choice, folder, passphrase: refusePassphrase })).kind;
  expect([await kindOf('os'), await kindOf('file'), await kindOf(undefined)]).toEqual(['os', 'file', 'os']);
  expect(await readdir(folder)).toEqual([]);
  await rm(folder, { recursive: true });
});
