import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { endWithJit } from './end-with-jit.ts';
import { createErrorOutput } from './error-output.ts';
import { GRACE_MS } from './limits.ts';
import { createLineReader } from './lines.ts';

export type ProcessOrder = {
  readonly path: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly onLine: (line: string) => void;
  /** It broke a limit; it is ended already. */
  readonly onFault: (why: string) => void;
  /** It is gone. */
  readonly onEnd: (why: string) => void;
  readonly showError: (line: string) => void;
};

export type PluginProcess = {
  /** One line, and from now on the limits count anew. */
  readonly write: (line: string) => void;
  /** With everything that it has started, at once. */
  readonly kill: () => void;
  /** Closes its stdin, and ends it where that is not enough. */
  readonly close: () => Promise<void>;
};

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/**
 * Starts a plugin in a process group of its own: Ctrl-C in the terminal is jit's business, and what the plugin starts ends
 * with it. Rejects where it cannot be started.
 */
export async function startProcess(order: ProcessOrder): Promise<PluginProcess> {
  // Listening before it is there: it may run for a while before `spawn` returns.
  const started: { child?: Child } = {};
  const stopListening = endWithJit(() => started.child && signalGroup(started.child, 'SIGKILL'));
  const child = spawnPlugin(order, stopListening);
  started.child = child;
  const killNow = (): void => signalGroup(child, 'SIGKILL');
  const gone = watchEnd(child, order).finally(stopListening);
  gone.catch(() => undefined);
  const reader = createLineReader({
    onLine: order.onLine,
    onFault: (why) => {
      killNow();
      order.onFault(why);
    },
  });
  child.stdout.on('data', (chunk: Uint8Array) => {
    if (!reader.take(chunk)) child.stdout.destroy();
  });
  // It need not read what it is told: that it ended is told by its end.
  child.stdin.on('error', () => undefined);
  await once(child, 'spawn');
  return {
    write: (line) => {
      reader.restart();
      child.stdin.write(`${line}\n`);
    },
    kill: killNow,
    close: () => endGently(child, gone),
  };
}

function spawnPlugin({ path, args, folder, environment }: ProcessOrder, onFailure: () => void): Child {
  try {
    return spawn(path, args, {
      cwd: folder,
      env: { ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
  } catch (error) {
    onFailure();
    throw error;
  }
}

function watchEnd(child: Child, order: ProcessOrder): Promise<void> {
  const errors = createErrorOutput({
    show: order.showError,
    onFlood: () => {
      signalGroup(child, 'SIGKILL');
      child.stderr.destroy();
      order.onFault('it floods stderr');
    },
  });
  child.stderr.setEncoding('utf8').on('data', errors.take);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      // What it started, and left behind: that also lets go of its stdout.
      signalGroup(child, 'SIGKILL');
      const finish = (): void => {
        clearTimeout(patience);
        const said = errors.readLast();
        const how = signal === null ? `with code ${code}` : `by ${signal}`;
        order.onEnd(`it ended ${how}${said === '' ? '' : `: ${said}`}`);
        child.stdout.destroy();
        child.stderr.destroy();
        resolve();
      };
      // What it wrote last has to be read first; whoever left its group may keep stdout open for ever.
      const patience = setTimeout(finish, GRACE_MS);
      child.once('close', finish);
    });
  });
}

async function endGently(child: Child, gone: Promise<void>): Promise<void> {
  const steps = [
    setTimeout(() => signalGroup(child, 'SIGTERM'), GRACE_MS),
    setTimeout(() => signalGroup(child, 'SIGKILL'), 2 * GRACE_MS),
  ];
  const patience = Promise.withResolvers<void>();
  // Even a killed process stays while the kernel is busy with it; nobody is to wait for that.
  steps.push(setTimeout(patience.resolve, 4 * GRACE_MS));
  child.stdin.end();
  await Promise.race([gone.catch(() => undefined), patience.promise]);
  for (const step of steps) clearTimeout(step);
}

function signalGroup({ pid }: Child, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, name);
  } catch {
    // Nobody is left.
  }
}
