import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { isatty } from 'node:tty';
import { fail } from '../../core/errors.ts';
import { findFileName } from '../../core/option-file.ts';
import type { Child, ChildEnd, ChildOrder } from '../../core/ports/processes.ts';
import type { Secret } from '../../core/secret.ts';
import { openNamedFile } from './named-file.ts';
import { openSecretFile, type SecretPlaces } from './secret-file.ts';
import { forwardSignals, isInForeground } from './signals.ts';
import { explainStartFailure } from './start-failure.ts';

const STTY_TIMEOUT_MS = 1000;

/**
 * Runs a command as a shell would: no shell between, the same terminal, the same process group. Secrets live as long
 * as the child; signals go to it alone.
 */
export async function startChild(order: ChildOrder, places: SecretPlaces): Promise<Child> {
  const secrets = placeSecrets(order, places);
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

type PlacedSecrets = {
  readonly environment: Readonly<Record<string, string>>;
  readonly close: () => void;
};

function placeSecrets(order: ChildOrder, places: SecretPlaces): PlacedSecrets {
  const environment: Record<string, string> = {};
  const closers: (() => void)[] = [];
  const close = (): void => closers.splice(0).forEach((closeOne) => void closeOne());
  const place = (content: Secret): string | undefined => {
    const open = openSecretFile(content, places);
    if (open) closers.push(open.close);
    return open?.path;
  };
  const placeFor = (variable: string, content: Secret): string | undefined => {
    const path = place(content);
    const name = findFileName(variable);
    if (path === undefined || name === undefined) return path;
    const named = openNamedFile({ path, name });
    if (named) closers.push(named.close);
    return named?.folder;
  };
  for (const { variable, content, instead } of order.secretFiles) {
    const path = placeFor(variable, content);
    environment[path === undefined ? instead.variable : variable] = path ?? instead.value.reveal();
    if (path === undefined && places.platform === 'linux') order.onExposed?.(instead.variable);
  }
  try {
    const more = order.buildMore?.((content) => place(content) ?? refuseFile());
    return { environment: { ...environment, ...more }, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** S9: what must be a file, and cannot be one without lying on disk in the clear, is not handed over. */
function refuseFile(): never {
  const why =
    'this credential is a file, and none that is on no disk can be handed over here: there is no /proc, or no room';
  throw fail('failed', { why });
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
