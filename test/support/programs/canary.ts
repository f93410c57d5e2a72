import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Desk } from './desk.ts';
import type { Stage } from './stage.ts';

/** What must never be seen, by what it is. */
export type Canaries = ReadonlyMap<string, string>;

/** Every secret of one person at this moment, and every one that has gone over the wire so far. */
export async function collectCanaries(desk: Desk, stage: Stage): Promise<Canaries> {
  const found = new Map([
    ['the passphrase', desk.passphrase],
    ['the secret of the resource server', stage.apiSecret],
  ]);
  if (stage.database) found.set('the admin password', new URL(stage.database.adminUrl.reveal()).password);
  for (const [account, secret] of await desk.listSecrets()) addLeaves(found, account, JSON.parse(secret));
  for (const { path, body } of stage.meddler.seen) {
    if (body.startsWith('{')) addLeaves(found, path, JSON.parse(body));
  }
  return found;
}

const SECRET_NAMES = /^(access_token|refresh_token|id_token|device_code|token|d|content|value)$/;

function addLeaves(found: Map<string, string>, where: string, document: unknown): void {
  if (typeof document !== 'object' || document === null) return;
  for (const [name, value] of Object.entries(document)) {
    const isSecret = SECRET_NAMES.test(name) && typeof value === 'string' && value.length >= 16;
    if (isSecret) found.set(`${name} of ${where}`, value);
    else addLeaves(found, where, value);
  }
}

/** `file: which` for everything in these folders that has a canary in it. */
export async function searchFolders(
  folders: readonly string[],
  canaries: Canaries,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const folder of folders) {
    for (const path of await listFiles(folder)) {
      const bytes = await readFile(path).catch(() => Buffer.alloc(0));
      found.push(...listCanaries(bytes, canaries).map((name) => `${path}: ${name}`));
    }
  }
  return found;
}

export function listCanaries(bytes: Buffer, canaries: Canaries): readonly string[] {
  return [...canaries].filter(([, text]) => bytes.includes(text)).map(([name]) => name);
}

async function listFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

export type SeenProcess = {
  readonly pid: number;
  readonly commandLine: string;
  readonly environment: string;
};

/** Every process of this machine as another one of the same user sees it. */
export async function listProcesses(): Promise<readonly SeenProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const read = (pid: number, file: string): Promise<string> =>
    readFile(`/proc/${pid}/${file}`, 'latin1').catch(() => '');
  return Promise.all(
    pids.map(async (pid) => ({
      pid,
      commandLine: (await read(pid, 'cmdline')).replaceAll('\0', ' '),
      environment: (await read(pid, 'environ')).replaceAll('\0', '\n'),
    })),
  );
}
