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
  /** What is made of what the plugin throws; left out, `refuse` says it in its words. */
  readonly judge?: (error: unknown) => JitError;
};

type Action<T> = (signal: AbortSignal) => Promise<T>;

export type CallLimit = {
  readonly limitMs: number;
  /** Of whoever would wait: then the call is over, too. */
  readonly signal?: AbortSignal | undefined;
};

/** Calls into a plugin, each of them over at its deadline whatever the plugin does (INP-05). */
export type Calls = {
  /** Everything that goes wrong is what `refuse` makes of it. The signal is aborted when the call is over. */
  run<T>(deadlineAt: Instant, action: Action<T>): Promise<T>;
  /** A call that is over after `limitMs`, however anybody sets the clock meanwhile; failures as with `run`. */
  runFor<T>(limit: CallLimit, action: Action<T>): Promise<T>;
  /** Ends what is under way, and lets nothing begin. */
  close(): void;
};

type Deadline = { readonly leftMs: () => number; readonly signal?: AbortSignal | undefined };

export function createCalls(options: CallsOptions): Calls {
  const { clock, refuse, judge = (error) => refuse(...explain(error, options)) } = options;
  const closing = new AbortController();
  let overdue = 0;
  const requireRoom = ({ leftMs }: Deadline): void => {
    if (closing.signal.aborted) throw refuse('it is closed');
    if (leftMs() <= 0) throw refuse('there is no time left');
    if (overdue >= MOST_OVERDUE) throw refuse(`it has not ended ${MOST_OVERDUE} earlier calls`);
  };
  const countUntilEnded = (running: Promise<unknown>): void => {
    overdue += 1;
    const settle = (): void => {
      overdue -= 1;
    };
    running.then(settle, settle);
  };
  const runUntil = async <T>(deadline: Deadline, action: Action<T>): Promise<T> => {
    requireRoom(deadline);
    const over = new AbortController();
    const others = deadline.signal ? [deadline.signal] : [];
    const signal = AbortSignal.any([closing.signal, over.signal, ...others]);
    const running = (async () => action(signal))();
    try {
      const answer = await Promise.race([running, waitUntil(clock, { ...deadline, signal })]);
      if (answer !== LATE) return answer;
    } catch (error) {
      throw judge(error);
    } finally {
      over.abort();
    }
    countUntilEnded(running);
    throw refuse(closing.signal.aborted ? 'it is closed' : 'it did not answer in time');
  };
  return {
    close: () => closing.abort(),
    run: (deadlineAt, action) => runUntil({ leftMs: () => deadlineAt - clock.now() }, action),
    runFor: ({ limitMs, signal }, action) => {
      const endsAtMs = clock.monotonicMs() + limitMs;
      return runUntil({ leftMs: () => endsAtMs - clock.monotonicMs(), signal }, action);
    },
  };
}

const LATE = Symbol('late');

/** At the deadline, however early the clock wakes (S10), or as soon as the signal is aborted. */
async function waitUntil(
  clock: Clock,
  { leftMs, signal }: Deadline & { readonly signal: AbortSignal },
): Promise<typeof LATE> {
  while (!signal.aborted && leftMs() > 0) await clock.sleep(leftMs(), signal);
  return LATE;
}

function explain(error: unknown, { settings, refuse }: CallsOptions): [why: string, cause: Error] {
  const message = readMessage(error);
  const why = error instanceof JitError ? message.replace(refuse('').message, '') : message;
  return [explainTrouble(why, settings), describeTrouble(error, settings)];
}
