import { fail } from '../../../src/core/errors.ts';
import type {
  Child,
  ChildEnd,
  ChildOrder,
  PlaceSecret,
  Processes,
} from '../../../src/core/ports/processes.ts';

type SignalName = Parameters<Child['signal']>[0];

/** A child that runs until the test, or a signal, ends it. */
export type TestChild = {
  readonly order: ChildOrder;
  /** In the order in which they came. */
  readonly signals: readonly SignalName[];
  end(exitCode: number): void;
};

export type TestProcesses = Processes & {
  readonly children: readonly TestChild[];
  /** What was started detached: the arguments. */
  readonly detached: readonly (readonly string[])[];
  /** Resolves as soon as `count` children have been started. */
  untilStarted(count?: number): Promise<TestChild>;
};

export type TestProcessesOptions = {
  readonly environment?: Readonly<Record<string, string>>;
  readonly hasSecretFiles?: boolean;
  readonly expectsSecretFiles?: boolean;
  /** Called for each child: end it at once, keep it, or throw what starting throws. */
  readonly onStart?: (child: TestChild) => void;
  /** Which signals end a child; all of them unless said otherwise. */
  readonly endedBy?: readonly SignalName[];
};

const EXIT_CODES: Readonly<Record<SignalName, number>> = {
  SIGHUP: 129,
  SIGINT: 130,
  SIGKILL: 137,
  SIGTERM: 143,
};

/** Processes that only seem to run. */
export function createTestProcesses(options: TestProcessesOptions = {}): TestProcesses {
  const children: TestChild[] = [];
  const detached: (readonly string[])[] = [];
  let watchers: readonly { readonly count: number; readonly resolve: (child: TestChild) => void }[] = [];
  const endedBy = options.endedBy ?? ['SIGHUP', 'SIGINT', 'SIGKILL', 'SIGTERM'];

  const hasSecretFiles = options.hasSecretFiles ?? true;
  const placeSecret: PlaceSecret = () => {
    if (!hasSecretFiles) throw fail('failed', { why: 'there are no files for secrets here' });
    return '/proc/self/fd/9';
  };

  const start = async (order: ChildOrder): Promise<Child> => {
    const { promise: ended, resolve } = Promise.withResolvers<ChildEnd>();
    const signals: SignalName[] = [];
    const child: TestChild = { order, signals, end: (exitCode) => resolve({ exitCode }) };
    options.onStart?.(child);
    order.buildMore?.(placeSecret);
    children.push(child);
    for (const watcher of watchers) if (children.length >= watcher.count) watcher.resolve(child);
    watchers = watchers.filter((watcher) => children.length < watcher.count);
    return {
      ended,
      signal: (name) => {
        signals.push(name);
        if (endedBy.includes(name)) resolve({ exitCode: EXIT_CODES[name] });
      },
    };
  };

  return {
    environment: options.environment ?? {},
    hasSecretFiles,
    expectsSecretFiles: options.expectsSecretFiles ?? true,
    hostName: 'workbench',
    userName: 'dev',
    children,
    detached,
    prepare: () => undefined,
    start,
    startDetached: async (args) => void detached.push(args),
    untilStarted: async (count = 1) => {
      const known = children[count - 1];
      if (known) return known;
      return new Promise((resolve) => {
        watchers = [...watchers, { count, resolve }];
      });
    },
  };
}
