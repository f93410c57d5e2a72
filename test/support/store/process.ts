import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('./holder.ts', import.meta.url));

/** Another process that opens the store, with what it says line by line. */
export function startHolder(path: string, task: 'hold' | 'commit' = 'hold') {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', PROGRAM, path, task], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    nextLine: async (): Promise<string | undefined> => {
      const next = await lines.next();
      return next.done ? undefined : next.value;
    },
    kill,
    [Symbol.asyncDispose]: kill,
  };
}
