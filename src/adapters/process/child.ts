import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { isatty } from 'node:tty';
import type { SecretFile } from '../../core/credential.ts';
import type { Child, ChildEnd, ChildOrder } from '../../core/ports/processes.ts';
import { openSecretFile } from './secret-file.ts';
import { forwardSignals, isInForeground } from './signals.ts';
import { explainStartFailure } from './start-failure.ts';

const STTY_TIMEOUT_MS = 1000;

/**
 * Runs a command as a shell would: no shell between, the same terminal, the same process group. Secrets live as long
 * as the child; signals go to it alone.
 */
export async function startChild(order: ChildOrder, platform: NodeJS.Platform): Promise<Child> {
  const secrets = placeSecrets(order.secretFiles, platform);
  let child: ChildProcess | undefined;
  // Listening before the child is there: a signal in between would otherwise end jit and leave the child behind.
  const stopForwarding = forwardSignals((name) => child && signalChild(child, name));
  const tidy = (): void => {
    stopForwarding();
    secrets.close();
  };
  try {
    child = spawn(order.command, order.args, {
      stdio: 'inherit',
      env: { ...order.environment, ...secrets.environment },
    });
    // A child that runs as somebody else refuses our signals; that is reported as an event.
    child.on('error', () => {});
    const ended = watchEnd(child).finally(tidy);
    await once(child, 'spawn');
    const started = child;
    return { ended, signal: (name) => signalChild(started, name) };
  } catch (error) {
    tidy();
    const searchPath = order.environment.PATH ?? '';
    throw explainStartFailure(error, { command: order.command, searchPath });
  }
}

function placeSecrets(
  files: readonly SecretFile[],
  platform: NodeJS.Platform,
): { readonly environment: Readonly<Record<string, string>>; readonly close: () => void } {
  const environment: Record<string, string> = {};
  const closers: (() => void)[] = [];
  for (const file of files) {
    const open = openSecretFile(file.content, platform);
    if (open) {
      environment[file.variable] = open.path;
      closers.push(open.close);
    } else {
      environment[file.instead.variable] = file.instead.value.reveal();
    }
  }
  return { environment, close: () => closers.splice(0).forEach((close) => void close()) };
}

/** Never rejects, and never settles for a child that did not start. */
function watchEnd(child: ChildProcess): Promise<ChildEnd> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      if (signal === 'SIGKILL') restoreTerminal();
      resolve({ exitCode: signal ? 128 + constants.signals[signal] : (code ?? 1) });
    });
  });
}

/** A child that was killed had no chance to take its terminal out of raw mode. */
function restoreTerminal(): void {
  if (!isatty(0) || !isInForeground()) return;
  spawnSync('stty', ['sane'], { stdio: ['inherit', 'ignore', 'ignore'], timeout: STTY_TIMEOUT_MS });
}

/** An interactive shell makes a group of its own; any other child shares ours, and is signalled alone. */
function signalChild(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, name);
  } catch {
    child.kill(name);
  }
}
