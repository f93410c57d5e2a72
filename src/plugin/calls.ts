import { JitError } from '../core/errors.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Instant } from '../core/time.ts';
import type { Settings } from './api.ts';
import { describeTrouble, explainTrouble, readMessage } from './trouble.ts';

/** Calls that are over and that the plugin has not ended: beyond these it is not called before it ends one. */
const MOST_OVERDUE = 16;

export type CallsOptions = {
  readonly clock: Clock;
  /** What goes wrong is told without the secrets in them (I5). */
  readonly settings: Settings;
  readonly refuse: (why: string, cause?: unknown) => JitError;
};

/** Calls into a plugin, each of them over at its deadline whatever the plugin does (INP-05). */
export type Calls = {
  /** Everything that goes wrong is what `refuse` makes of it. The signal is aborted when the call is over. */
  run<T>(deadlineAt: Instant, action: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** Ends what is under way, and lets nothing begin. */
  close(): void;
};

export function createCalls(options: CallsOptions): Calls {
  const { clock, refuse } = options;
  const closing = new AbortController();
  let overdue = 0;
  const requireRoom = (deadlineAt: Instant): void => {
    if (closing.signal.aborted) throw refuse('it is closed');
    if (clock.now() >= deadlineAt) throw refuse('there is no time left');
    if (overdue >= MOST_OVERDUE) throw refuse(`it has not ended ${MOST_OVERDUE} earlier calls`);
  };
  const countUntilEnded = (running: Promise<unknown>): void => {
    overdue += 1;
    const settle = (): void => {
      overdue -= 1;
    };
    running.then(settle, settle);
  };
  return {
    close: () => closing.abort(),
    run: async (deadlineAt, action) => {
      requireRoom(deadlineAt);
      const over = new AbortController();
      const signal = AbortSignal.any([closing.signal, over.signal]);
      const running = (async () => action(signal))();
      try {
        const answer = await Promise.race([running, waitUntil(clock, { deadlineAt, signal })]);
        if (answer !== LATE) return answer;
      } catch (error) {
        throw refuse(explain(error, options), describeTrouble(error, options.settings));
      } finally {
        over.abort();
      }
      countUntilEnded(running);
      throw refuse(closing.signal.aborted ? 'it is closed' : 'it did not answer in time');
    },
  };
}

const LATE = Symbol('late');

/** At the deadline, however early the clock wakes (S10), or as soon as the signal is aborted. */
async function waitUntil(
  clock: Clock,
  { deadlineAt, signal }: { readonly deadlineAt: Instant; readonly signal: AbortSignal },
): Promise<typeof LATE> {
  while (!signal.aborted && clock.now() < deadlineAt) await clock.sleep(deadlineAt - clock.now(), signal);
  return LATE;
}

function explain(error: unknown, { settings, refuse }: CallsOptions): string {
  const message = readMessage(error);
  return explainTrouble(
    error instanceof JitError ? message.replace(refuse('').message, '') : message,
    settings,
  );
}
