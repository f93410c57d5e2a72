import { open } from 'node:fs/promises';
import { fail } from '../../core/errors.ts';
import { Secret } from '../../core/secret.ts';

/** More than any issuer writes; what is longer is some other file. */
const LONGEST_TOKEN = 16_384;
const SHAPE = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'it may not be read',
  EISDIR: 'it is a folder',
};

/** The token as it is now: whoever keeps the file replaces it from time to time. `workload_token_unusable` otherwise. */
export async function readWorkloadToken(file: string): Promise<Secret> {
  const text = (await readStart(file)).trim();
  const why = findFault(text);
  if (why) throw fail('workload_token_unusable', { file, why });
  return new Secret(text);
}

function findFault(text: string): string | undefined {
  if (text === '') return 'it is empty';
  if (text.length > LONGEST_TOKEN) return `it is longer than ${LONGEST_TOKEN} characters`;
  return SHAPE.test(text) ? undefined : 'it is no JSON Web Token';
}

/** Never more than a little over the limit: the name may lead to a device that never ends. */
async function readStart(file: string): Promise<string> {
  try {
    const handle = await open(file, 'r');
    try {
      const buffer = Buffer.alloc(LONGEST_TOKEN + 64);
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, null);
      return buffer.toString('latin1', 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    throw fail('workload_token_unusable', { file, why: REASONS[code] ?? `it cannot be read (${code})` });
  }
}
