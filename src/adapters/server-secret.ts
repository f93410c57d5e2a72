import { randomBytes } from 'node:crypto';
import { chmod, link, open, readFile, rm } from 'node:fs/promises';
import { Secret } from '../core/secret.ts';

const SECRET_BYTES = 32;

/**
 * The embedded server's own secret: a 0600 file beside its store, made at the first start (the one exception of I5).
 * Two first starts at once find the same one: the file appears whole or not at all.
 */
export async function readServerSecret(path: string): Promise<Secret> {
  const known = await readFile(path, 'utf8').catch(ignoreMissing);
  if (known === undefined) await makeSecret(path);
  await chmod(path, 0o600);
  return new Secret((await readFile(path, 'utf8')).trim());
}

async function makeSecret(path: string): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(`${randomBytes(SECRET_BYTES).toString('base64url')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await link(draft, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(draft);
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
