import type { Interrupt } from '../cli/world.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export type StopParts = {
  readonly interrupt: Interrupt;
  /** Where a hangup does not mean the end. */
  readonly hangups?: Hangups | undefined;
};

/** Resolves when the process is asked to stop. From then on a second Ctrl-C, or a second SIGTERM, ends it at once. */
export function waitForStop({ interrupt, hangups }: StopParts): Promise<void> {
  interrupt.release();
  return new Promise((resolve) => {
    const onSignal = (): void => {
      for (const name of SIGNALS) process.off(name, onSignal);
      resolve();
    };
    for (const name of SIGNALS) process.on(name, onSignal);
    if (hangups) hangups.onAlone(onSignal);
    else process.on('SIGHUP', onSignal);
  });
}

export type Hangups = {
  /** Calls back for every hangup from now on, and for one that came before; one at a time. */
  readonly onHangup: (handle: () => Promise<void>) => void;
  /** Calls back instead when the terminal has gone with which the process began: nobody could stop it any more. */
  readonly onAlone: (handle: () => void) => void;
};

/** From here on a hangup ends nothing by itself: also one that comes before anybody can do what it asks for. */
export function watchHangups(isAlone: () => boolean): Hangups {
  let handle: (() => Promise<void>) | undefined;
  let isLeft = false;
  let leave = (): void => {
    isLeft = true;
  };
  let last: Promise<void> = Promise.resolve();
  let hasMissed = false;
  process.on('SIGHUP', () => {
    if (isAlone()) leave();
    else if (handle) last = last.then(handle);
    else hasMissed = true;
  });
  return {
    onHangup: (next) => {
      handle = next;
      if (hasMissed) last = last.then(next);
    },
    onAlone: (next) => {
      leave = next;
      if (isLeft) next();
    },
  };
}
