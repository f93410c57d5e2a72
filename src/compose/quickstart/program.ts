import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Secret } from '../../core/secret.ts';

export type ProgramOptions = {
  readonly jitPath: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Handed over on a descriptor of its own: on no command line, in no environment, in no file. */
  readonly passphrase: Secret;
};

export type Ended = { readonly exitCode: number; readonly stdout: string; readonly stderr: string };

export type Started = {
  readonly ended: Promise<Ended>;
  /** Resolves once what it said so far matches; rejects when it ends before it does. */
  readonly says: (pattern: RegExp) => Promise<RegExpExecArray>;
};

export type Program = {
  readonly start: (args: readonly string[]) => Started;
  readonly run: (args: readonly string[]) => Promise<Ended>;
  /** Ends those that still run, and starts no more. */
  readonly end: () => Promise<void>;
};

const PASSPHRASE_FD = 3;
const END_MS = 5_000;

/** The program itself, as a person would start it, with what it prints kept. */
export function createProgram(options: ProgramOptions): Program {
  const running = new Set<ChildProcess>();
  let isOver = false;
  const start = (args: readonly string[]): Started => {
    if (isOver) throw new Error('the story is over');
    const child = spawn(process.execPath, [options.jitPath, ...args], {
      env: {
        ...options.environment,
        JIT_KEYCHAIN: 'file',
        JIT_KEYCHAIN_PASSPHRASE_FD: String(PASSPHRASE_FD),
      },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    running.add(child);
    for (const name of ['exit', 'error']) child.once(name, () => running.delete(child));
    handOver(child, options.passphrase);
    return listen(child);
  };
  const end = async (): Promise<void> => {
    isOver = true;
    await Promise.all([...running].map(endChild));
  };
  return { start, run: async (args) => start(args).ended, end };
}

async function endChild(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  const impatient = setTimeout(() => child.kill('SIGKILL'), END_MS);
  child.kill('SIGTERM');
  await exited;
  clearTimeout(impatient);
}

function handOver(child: ChildProcess, passphrase: Secret): void {
  const pipe = child.stdio[PASSPHRASE_FD];
  // A program that needs no keychain ends without having read it.
  pipe?.on('error', () => undefined);
  if (pipe && 'end' in pipe) pipe.end(passphrase.reveal());
}

function listen(child: ChildProcess): Started {
  const said = { stdout: '', stderr: '' };
  const watchers = new Set<() => void>();
  const take = (name: keyof typeof said) => (chunk: Buffer) => {
    said[name] += chunk.toString('utf8');
    for (const watcher of watchers) watcher();
  };
  child.stdout?.on('data', take('stdout'));
  child.stderr?.on('data', take('stderr'));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ ...said, exitCode: code ?? (signal ? 128 : 1) }));
  });
  const says = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = pattern.exec(`${said.stdout}\n${said.stderr}`);
        if (!found) return;
        watchers.delete(look);
        resolve(found);
      };
      watchers.add(look);
      look();
      ended.then(
        () => reject(new Error(`it ended without saying ${pattern}: ${said.stderr.trim()}`)),
        reject,
      );
    });
  return { ended, says };
}
