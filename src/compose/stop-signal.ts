import type { Interrupt } from '../cli/world.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export type StopParts = {
  readonly interrupt: Interrupt;
  /** Called when a hangup does not mean the end; without it, it does. */
  readonly onHangup?: (() => void) | undefined;
  /** Is the terminal gone that was there at first? Then nobody is there to stop the server any more. */
  readonly isAlone?: () => boolean;
};

/** Resolves when the process is asked to stop. From then on a second Ctrl-C, or a second SIGTERM, ends it at once. */
export function waitForStop({ interrupt, onHangup, isAlone = () => false }: StopParts): Promise<void> {
  interrupt.release();
  return new Promise((resolve) => {
    const onSignal = (): void => {
      for (const name of SIGNALS) process.off(name, onSignal);
      resolve();
    };
    for (const name of SIGNALS) process.on(name, onSignal);
    process.on('SIGHUP', () => (onHangup && !isAlone() ? onHangup() : onSignal()));
  });
}
