import { fail, hasCode, type JitError } from '../../../core/errors.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import { limitTime } from '../time-limit.ts';
import { openSession, type Session, type StartProcess } from './session.ts';

export type Question = {
  readonly method: string;
  readonly params: object;
  readonly limitMs: number;
  readonly signal?: AbortSignal | undefined;
};

export type ConversationOptions = {
  /** For people: which plugin. */
  readonly label: string;
  /** What it is told of jit and of the profile when it starts. */
  readonly greeting: object;
  readonly clock: Clock;
  readonly start: StartProcess;
};

export type Conversation = {
  /**
   * One at a time, in the order in which they are asked. `not_offered` where the plugin has no such method; `unreachable`
   * where it does not answer in time, or ends; `bad_answer` where it breaks the rules, from then on for every question.
   */
  readonly ask: (question: Question) => Promise<unknown>;
  /** Questions that are under way are never answered then. */
  readonly close: () => Promise<void>;
};

type Known = { readonly session: Session; readonly methods: readonly string[] };

/** Questions to one plugin, which is started with the first, and again where it has ended since (INP-05). */
export function createConversation(options: ConversationOptions): Conversation {
  const { label, clock } = options;
  const sessions: Session[] = [];
  let current: Session | undefined;
  let known: Known | undefined;
  let broken: JitError | undefined;
  let isClosed = false;
  let queue: Promise<unknown> = Promise.resolve();

  const open = async (): Promise<Known> => {
    const session = await openSession({
      label,
      start: options.start,
      onFault: (error) => (broken ??= error),
    });
    current = session;
    sessions.push(session);
    known = { session, methods: await session.greet(options.greeting) };
    return known;
  };
  const say = ({ session, methods }: Known, { method, params }: Question): Promise<unknown> => {
    if (!methods.includes(method)) throw fail('not_offered', { address: label, what: method });
    return session.ask(method, params);
  };
  const exchange = async (question: Question): Promise<unknown> => {
    const before = known;
    if (!before) return say(await open(), question);
    try {
      return await say(before, question);
    } catch (error) {
      // It had said all that it wanted to, and was about to end: everything may be asked twice.
      if (!hasCode(error, 'unreachable') || !before.session.isOver()) throw error;
      return say(await open(), question);
    }
  };
  /** Nobody waits for its answer any more, and one that comes late must not be taken for another. */
  const leaveBehind = (): void => {
    if (known && !known.session.isBusy() && !known.session.isOver()) return;
    current?.kill();
    current = undefined;
    known = undefined;
  };
  const attempt = async (question: Question): Promise<unknown> => {
    leaveBehind();
    if (broken) throw broken;
    const { limitMs, signal } = question;
    try {
      const limit = { clock, limitMs, address: label };
      return await unlessAborted(signal, label, () => limitTime(() => exchange(question), limit));
    } finally {
      leaveBehind();
    }
  };
  /** What was under way belongs to a command that was left: a refusal would be a second word on it. */
  const leaveOrThrow = (error: unknown): Promise<never> => {
    if (!isClosed) throw error;
    return new Promise(() => undefined);
  };
  return {
    ask: (question) => {
      const asked = queue.then(() => attempt(question));
      queue = asked.catch(() => undefined);
      return isClosed ? asked : asked.catch(leaveOrThrow);
    },
    close: async () => {
      isClosed = true;
      broken ??= fail('interrupted', { why: `${label} was ended` });
      // Those that were ended before, too: a process takes a moment to be gone.
      await Promise.all(sessions.splice(0).map((session) => session.close()));
    },
  };
}

/** Rejects with `interrupted` as soon as the signal is aborted; what becomes of the action is nobody's business then. */
async function unlessAborted<T>(
  signal: AbortSignal | undefined,
  label: string,
  action: () => Promise<T>,
): Promise<T> {
  if (!signal) return action();
  const left = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    const stop = (): void => reject(fail('interrupted', { why: `${label} was not waited for` }));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true, signal: left.signal });
  });
  aborted.catch(() => undefined);
  const acting = signal.aborted ? aborted : action();
  acting.catch(() => undefined);
  try {
    return await Promise.race([aborted, acting]);
  } finally {
    left.abort();
  }
}
