import { createHash } from 'node:crypto';
import { access, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fail } from '../../../core/errors.ts';
import { MOST_PROGRAM_BYTES } from './limits.ts';

export type ProgramOptions = {
  /** The target, for messages. */
  readonly name: string;
  readonly command: string;
  /** Of the file, in hexadecimal; null: whatever is in it. */
  readonly sha256: string | null;
};

/** A program that is found when it is needed, and again where that failed. */
export type Program = {
  /** What to run; `target_failed` where it is not what was pinned. */
  find(): Promise<string>;
  close(): Promise<void>;
};

/**
 * The program of a target. One that is pinned is read once: those bytes are compared, and a copy of those bytes in a folder
 * of this process's own is what runs, so that nobody can exchange the file in between. What tidies temporary folders takes
 * that copy from a server that runs for long: then it is made again.
 */
export function openProgram(options: ProgramOptions): Program {
  const { sha256 } = options;
  let copied: Promise<string> | undefined;
  const copy = (expected: string): Promise<string> => {
    copied ??= copyPinned(options, expected);
    copied.catch(() => {
      copied = undefined;
    });
    return copied;
  };
  const copyAgain = async (expected: string): Promise<string> => {
    const known = copy(expected);
    if (await isThere(await known)) return known;
    // Of two that miss it at once, one makes it.
    if (copied === known) copied = undefined;
    return copy(expected);
  };
  return {
    find: async () => (sha256 === null ? options.command : copyAgain(sha256)),
    close: async () => {
      const path = await copied?.catch(() => undefined);
      if (path) await rm(join(path, '..'), { recursive: true, force: true });
    },
  };
}

async function copyPinned({ name: target, command }: ProgramOptions, expected: string): Promise<string> {
  const bytes = await readWhole(command).catch((error: unknown) => {
    throw fail('target_failed', { target, why: `${command} cannot be read` }, error);
  });
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== expected) {
    const why = `${command} is another file now: its SHA-256 is ${found}`;
    throw fail('target_failed', { target, why });
  }
  const path = join(await mkdtemp(join(tmpdir(), 'jit-connector-')), basename(command));
  await writeFile(path, bytes, { mode: 0o500, flag: 'wx' });
  return path;
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function readWhole(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    if (size > MOST_PROGRAM_BYTES) throw new RangeError(`it is larger than ${MOST_PROGRAM_BYTES} bytes`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}
