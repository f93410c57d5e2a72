import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { Clock } from '../../../core/ports/clock.ts';
import type { Secret } from '../../../core/secret.ts';
import { createErrorTail } from './error-tail.ts';
import { MOST_ANSWER_BYTES } from './limits.ts';

export type Run = {
  readonly path: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly input: string;
  /** What it was told and must not be quoted with. */
  readonly secrets: readonly Secret[];
  readonly limitMs: number;
  readonly clock: Clock;
};

/** What came of it: the whole of stdout, or why there is nothing to go by. */
export type Outcome =
  | { readonly kind: 'answer'; readonly text: string }
  | { readonly kind: 'failure'; readonly why: string };

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Of every target. However the server leaves, nothing of a program stays behind. */
const running = new Set<Child>();
let isWatching = false;

/**
 * Runs a program once: text in, text out. It has a process group of its own, and whatever of it is left when it has ended,
 * or when it was given up, is killed. Never rejects.
 */
export async function run(order: Run): Promise<Outcome> {
  const child = start(order);
  if (!child) return { kind: 'failure', why: 'it cannot be run' };
  running.add(child);
  const settled = new AbortController();
  try {
    const output = collect(child, order.secrets);
    // It need not read what it is told.
    child.stdin.on('error', () => undefined);
    child.stdin.end(order.input);
    return await Promise.race([output, giveUp(order, settled.signal)]);
  } finally {
    settled.abort();
    // Once it has ended its number may be somebody else's: its group was killed at that moment.
    if (child.exitCode === null && child.signalCode === null) killGroup(child);
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
    running.delete(child);
  }
}

function start({ path, args, environment }: Run): Child | undefined {
  if (!isWatching) process.once('exit', () => running.forEach(killGroup));
  isWatching = true;
  try {
    return spawn(path, args, {
      cwd: '/',
      env: { ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
  } catch {
    // Too many open files, or an argument that no program can be given.
    return undefined;
  }
}

async function giveUp({ clock, limitMs }: Run, settled: AbortSignal): Promise<Outcome> {
  const endsAt = clock.now() + limitMs;
  while (!settled.aborted && clock.now() < endsAt) {
    await clock.sleep(endsAt - clock.now(), settled).catch(() => undefined);
  }
  return { kind: 'failure', why: 'it did not finish in time' };
}

function collect(child: Child, secrets: readonly Secret[]): Promise<Outcome> {
  const chunks: Uint8Array[] = [];
  const errors = createErrorTail(secrets);
  let byteCount = 0;
  return new Promise((resolve) => {
    const fail = (why: string): void => resolve({ kind: 'failure', why });
    child.stdout.on('data', (chunk: Uint8Array) => {
      byteCount += chunk.length;
      if (byteCount <= MOST_ANSWER_BYTES) chunks.push(chunk);
      else fail(`it wrote more than ${MOST_ANSWER_BYTES} bytes`);
    });
    child.stderr.setEncoding('utf8').on('data', errors.take);
    child.once('error', (error: NodeJS.ErrnoException) =>
      fail(`it cannot be run (${error.code ?? 'unknown'})`),
    );
    // What it started and left behind would hold its output open.
    child.once('exit', () => killGroup(child));
    child.once('close', (code, signal) => {
      if (code === 0) return resolve(readAnswer(Buffer.concat(chunks)));
      const last = errors.readLast();
      fail(
        `it ended ${code === null ? `by ${signal}` : `with code ${code}`}${last === '' ? '' : `: ${last}`}`,
      );
    });
  });
}

function readAnswer(bytes: Uint8Array): Outcome {
  try {
    return { kind: 'answer', text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { kind: 'failure', why: 'its answer is not UTF-8' };
  }
}

function killGroup({ pid }: Child): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left.
  }
}
