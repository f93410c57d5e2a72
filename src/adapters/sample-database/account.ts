import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname, resolve } from 'node:path';
import { fail } from '../../core/errors.ts';

/** Who the server runs as. The ids are there only when that is somebody else than we are. */
export type Account = {
  readonly starter: string;
  readonly ids: { readonly uid: number; readonly gid: number } | undefined;
};

/** PostgreSQL refuses to run as root; root runs it as `nobody`. No account is ever made. */
export async function findAccount(): Promise<Account> {
  const { username, uid } = userInfo();
  return { starter: username, ids: uid === 0 ? await readNobody() : undefined };
}

async function readNobody(): Promise<{ readonly uid: number; readonly gid: number }> {
  const passwd = await readFile('/etc/passwd', 'utf8');
  const match = /^nobody:[^:]*:(-?\d+):(-?\d+):/m.exec(passwd);
  // macOS writes the ids as -2
  if (match) return { uid: Number(match[1]) >>> 0, gid: Number(match[2]) >>> 0 };
  throw fail('failed', { why: 'PostgreSQL does not run as root, and there is no account "nobody"' });
}

/** Can the account get at this path? By the permission bits for others, all the way up. */
export async function isReachable(path: string, account: Account): Promise<boolean> {
  if (!account.ids) return true;
  for (let current = resolve(path); ; current = dirname(current)) {
    const { mode } = await stat(current);
    if ((mode & 0o001) === 0) return false;
    if (current === dirname(current)) return true;
  }
}

/** Where the data is kept: the folder asked for, or, where only root could enter that, one of root's with its name. */
export async function findRoot(folder: string, account: Account): Promise<string> {
  if (await isReachable(dirname(resolve(folder)), account)) return resolve(folder);
  const digest = createHash('sha256').update(resolve(folder)).digest('hex').slice(0, 12);
  return `/var/lib/jit-sample-${digest}`;
}
