import type { Hold, Interrupt } from './cli/world.ts';
import { INTERRUPTED } from './core/exit-codes.ts';

/** What a command may still do after Ctrl-C: say what is pending, restore the terminal. */
const GRACE_MS = 1_000;
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export type Watched = { readonly interrupt: Interrupt; readonly interrupted: Promise<number> };

type SignalSource = Pick<NodeJS.Process, 'on' | 'off'>;

/**
 * The first Ctrl-C asks the command to end; one that does not within a second is left behind, and a second Ctrl-C does
 * not wait. While somebody holds, nobody is left behind, whatever comes.
 */
export function watchInterrupt(process: SignalSource): Watched {
  const asked = new AbortController();
  const { promise: interrupted, resolve } = Promise.withResolvers<number>();
  let holds = 0;
  const leave = (): void => {
    if (holds === 0) resolve(INTERRUPTED);
  };
  const onSignal = (): void => {
    if (holds > 0) return;
    if (asked.signal.aborted) leave();
    asked.abort();
    setTimeout(leave, GRACE_MS).unref();
  };
  process.on('SIGINT', onSignal);
  const hold = (): Hold => {
    holds += 1;
    const held = holdSignals(process, () => asked.abort());
    return {
      ...held,
      release: () => {
        holds -= 1;
        held.release();
      },
    };
  };
  const release = (): void => void process.off('SIGINT', onSignal);
  return { interrupted, interrupt: { signal: asked.signal, release, hold } };
}

function holdSignals(process: SignalSource, ask: () => void): Hold {
  const waiting: (() => void)[] = [];
  let onNext = ask;
  const onSignal = (): void => onNext();
  for (const name of ENDING) process.on(name, onSignal);
  return {
    nextSignal: () => {
      onNext = () => {
        for (const tell of waiting.splice(0)) tell();
      };
      return new Promise((resolve) => waiting.push(resolve));
    },
    release: () => {
      for (const name of ENDING) process.off(name, onSignal);
    },
  };
}
