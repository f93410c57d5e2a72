import type { Interrupt } from '../cli/world.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Resolves when the process is asked to stop. From then on a second Ctrl-C ends it at once. */
export function waitForStop(interrupt: Interrupt): Promise<void> {
  interrupt.release();
  return new Promise((resolve) => {
    const onSignal = (): void => {
      for (const name of SIGNALS) process.off(name, onSignal);
      resolve();
    };
    for (const name of SIGNALS) process.on(name, onSignal);
  });
}
