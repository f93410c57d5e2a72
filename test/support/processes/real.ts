import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A real program under test: what it wrote, and how it ended. */
export type RunningProgram = {
  readonly process: ChildProcess;
  readonly pid: number;
  /** Resolves with everything written so far as soon as this is in it; fails when the program ends first. */
  see(what: string | RegExp): Promise<string>;
  readonly ended: Promise<{
    readonly exitCode: number | null;
    readonly signal: NodeJS.Signals | null;
    readonly stdout: string;
    readonly stderr: string;
  }>;
};

/** Starts a program with pipes and a group of its own, so that a test can end all of it. */
export function startProgram(
  command: readonly [string, ...string[]],
  environment: Readonly<Record<string, string | undefined>> = process.env,
): RunningProgram {
  const [program, ...args] = command;
  const child = spawn(program, args, { env: { ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
  const written = { stdout: '', stderr: '' };
  let over = false;
  const news = new EventTarget();
  const tell = (): boolean => news.dispatchEvent(new Event('news'));
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      written[name] += text;
      tell();
    });
  }
  const ended = once(child, 'close').then(([exitCode, signal]) => {
    over = true;
    tell();
    return { exitCode, signal, ...written };
  });
  return {
    process: child,
    pid: child.pid ?? 0,
    ended,
    see: async (what) => {
      for (;;) {
        const all = written.stdout + written.stderr;
        if (typeof what === 'string' ? all.includes(what) : what.test(all)) return all;
        if (over) throw new Error(`ended without ${what}:\n${all}`);
        await new Promise((resolve) => news.addEventListener('news', resolve, { once: true }));
      }
    },
  };
}

export type ExecOrder = {
  readonly command: string;
  readonly args?: readonly string[];
  /** Set in `PGPASSFILE` as S9 says, else in `PGPASSWORD`. */
  readonly secret?: string;
  /** Of a file whose path is in `JIT_CREDENTIAL_FILE`, in another file whose path is in `JIT_CREDENTIAL_NOTE`. */
  readonly nested?: string;
  readonly platform?: NodeJS.Platform;
  readonly secretFolders?: readonly string[];
  /** A question, on the same terminal, before the child starts. */
  readonly asksFirst?: boolean;
};

/** The command line of a program that starts one child through the real adapter and ends as the child does. */
export function buildExec(order: ExecOrder): readonly [string, ...string[]] {
  const program = fileURLToPath(new URL('./program.ts', import.meta.url));
  return [process.execPath, program, JSON.stringify(order)];
}
