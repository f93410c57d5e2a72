import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

export const ROOT = join(import.meta.dirname, '../../..');
export const JIT = join(ROOT, 'bin/jit.js');

export type Outcome = { readonly exitCode: number; readonly stdout: string; readonly stderr: string };

/** The built program while it runs, without a terminal. */
export type RunningJit = {
  readonly pid: number;
  readonly ended: Promise<Outcome>;
  /** Resolves once stdout or stderr match; rejects when the program ends before they do. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  kill(signal: NodeJS.Signals): void;
};

export type StartJit = {
  readonly args: readonly string[];
  /** All of it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Handed over on descriptor 3. */
  readonly passphrase?: string | undefined;
  /** What runs it instead of Node alone, as in `faketime +12h`. */
  readonly through?: readonly string[];
  /** stdin, whole; closed at once where there is none. */
  readonly input?: string;
  /** Starts jit as the leader of a session of its own, so that its children can be found and ended with it. */
  readonly cwd?: string;
};

export function startJit(order: StartJit): RunningJit {
  const [command = '', ...args] = [...(order.through ?? []), process.execPath, JIT, ...order.args];
  const child = spawn(command, args, {
    env: { ...order.environment },
    cwd: order.cwd,
    stdio: [order.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', 'pipe'],
  });
  if (order.input !== undefined) child.stdin?.on('error', () => undefined).end(order.input);
  handOver(child, order.passphrase ?? '');
  return listen(child);
}

function handOver(child: ChildProcess, passphrase: string): void {
  const pipe = child.stdio[3];
  // A program that needs no keychain ends without having read it.
  pipe?.on('error', () => undefined);
  if (pipe && 'end' in pipe) pipe.end(passphrase);
}

function listen(child: ChildProcess): RunningJit {
  const said = { stdout: '', stderr: '' };
  const watchers = new Set<() => void>();
  collect(child.stdout, (text) => (said.stdout += text));
  collect(child.stderr, (text) => (said.stderr += text));
  function collect(stream: Readable | null, add: (text: string) => void): void {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      add(text);
      for (const watcher of watchers) watcher();
    });
  }
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) =>
      resolve({ ...said, exitCode: code ?? 128 + (signal ? constants.signals[signal] : 0) }),
    );
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
        () => reject(new Error(`it ended without saying ${pattern}:\n${said.stdout}\n${said.stderr}`)),
        reject,
      );
    });
  return { pid: child.pid ?? 0, ended, says, kill: (signal) => child.kill(signal) };
}
