import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fail } from '../../core/errors.ts';
import type { CertificatePlace, SshFolder } from '../../core/ports/ssh.ts';
import { isTargetName } from '../../core/scope.ts';
import { Secret } from '../../core/secret.ts';
import { readCertificateEnd } from './certificate-end.ts';
import { makePrivateKey, readPublicHalf } from './private-key.ts';

export type SshFolderOptions = {
  /** Made, for its owner alone, with the first key. */
  readonly folder: string;
  /** Stands in the key, so that its owner recognises it. */
  readonly hostName: string;
};

/** `ssh` in the state folder: one key, and the newest certificate of each target. */
export function createSshFolder({ folder, hostName }: SshFolderOptions): SshFolder {
  const keyPath = join(folder, 'id_ed25519');
  const certificatePath = (place: CertificatePlace): string => join(folder, ...nameCertificate(place));
  return {
    keyPath,
    certificatePath,
    readPublicKey: () =>
      explaining(keyPath, async () => {
        const file =
          (await readKey(keyPath)) ?? (await createKey(keyPath, makePrivateKey(`jit ${hostName}`)));
        const line = readPublicHalf(file);
        if (line) return line;
        throw new Error('it is not a key of jit; moved away, it is made again');
      }),
    findEnd: async (place) => {
      const path = certificatePath(place);
      return explaining(path, async () => {
        const text = await readText(path);
        return text === undefined ? null : readCertificateEnd(text);
      });
    },
    writeCertificate: async (place, { line }) => {
      const path = certificatePath(place);
      return explaining(path, () => replaceFile(path, `${line}\n`));
    },
  };
}

/** Folder and file. Names come from servers: none leads out of the folder, and a "%" would be ssh_config's own. */
function nameCertificate({ server, target }: CertificatePlace): readonly [string, string] {
  if (!isTargetName(target)) throw fail('failed', { why: `"${target}" is no name of a target` });
  return [new URL(server).host.replaceAll(/[^\w.-]|^\.+/g, '_'), `${target}-cert.pub`];
}

async function readKey(path: string): Promise<Secret | undefined> {
  const text = await readText(path);
  return text === undefined ? undefined : new Secret(text);
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** The key that is there afterwards: two connections at once make two, and the first one stays. */
async function createKey(path: string, key: Secret): Promise<Secret> {
  const draft = await writeDraft(path, key.reveal());
  try {
    await link(draft, path);
    return key;
  } catch (error) {
    if (!isFileError(error, 'EEXIST')) throw error;
    return (await readKey(path)) ?? key;
  } finally {
    await rm(draft, { force: true });
  }
}

async function replaceFile(path: string, text: string): Promise<void> {
  const draft = await writeDraft(path, text);
  await rename(draft, path).catch(async (error: unknown) => {
    await rm(draft, { force: true });
    throw error;
  });
}

async function writeDraft(path: string, text: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  await writeFile(draft, text, { mode: 0o600, flag: 'wx' });
  return draft;
}

async function explaining<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unknown error';
    throw fail('failed', { why: `${path} cannot be used: ${why}` }, error);
  }
}

function isFileError(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
