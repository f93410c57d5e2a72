import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fail } from '../../core/errors.ts';
import type { PolicyFile } from './rule.ts';

/** The `*.cedar` files of a folder, in the order of their names. Throws `config_invalid` where there are none. */
export async function readPolicyFolder(path: string): Promise<readonly PolicyFile[]> {
  const names = await listFiles(path);
  if (names.length === 0) throw fail('config_invalid', { at: path, why: 'there is no *.cedar file' });
  return Promise.all(names.map((name) => readPolicyFile(path, name)));
}

async function listFiles(path: string): Promise<readonly string[]> {
  try {
    return (await readdir(path)).filter((name) => name.endsWith('.cedar')).sort();
  } catch (error) {
    throw fail('config_invalid', { at: path, why: 'the folder of policies cannot be read' }, error);
  }
}

async function readPolicyFile(folder: string, name: string): Promise<PolicyFile> {
  try {
    return { name, text: await readFile(join(folder, name), 'utf8') };
  } catch (error) {
    throw fail('config_invalid', { at: join(folder, name), why: 'the file cannot be read' }, error);
  }
}
