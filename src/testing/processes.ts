import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { hasCode } from '../core/errors.ts';
import type { Child, ChildOrder, Processes } from '../core/ports/processes.ts';
import { Secret } from '../core/secret.ts';
import type { SuiteRunner } from './suite.ts';

/** What a program does: ends by itself with a code, or runs until a signal ends it. */
export type Behaviour = { readonly exits: number } | 'runs' | 'missing';

export type ProcessesUnderTest = {
  readonly processes: Processes;
  /** How a program is called that behaves like this. */
  readonly program: (behaviour: Behaviour) => Pick<ChildOrder, 'command' | 'args'>;
  /** The arguments of what was started detached, as soon as there is something. */
  readonly detached: () => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
};

const SIGNALS: readonly (readonly [Parameters<Child['signal']>[0], number])[] = [
  ['SIGHUP', 129],
  ['SIGINT', 130],
  ['SIGKILL', 137],
  ['SIGTERM', 143],
];

/** What every `Processes` does. `open` makes a fresh one for each test. */
export function processesSuite(runner: SuiteRunner, open: () => Promise<ProcessesUnderTest>): void {
  type World = ProcessesUnderTest & {
    readonly start: (behaviour: Behaviour, more?: Partial<ChildOrder>) => Promise<Child>;
  };
  const test = (name: string, body: (world: World) => Promise<void>) =>
    runner.test(name, async () => {
      const world = await open();
      const { processes, program } = world;
      const start: World['start'] = (behaviour, more) =>
        processes.start({
          ...program(behaviour),
          environment: processes.environment,
          secretFiles: [],
          ...more,
        });
      try {
        await body({ ...world, start });
      } finally {
        await world.close();
      }
    });

  test('a child ends with its own code', async ({ start }) => {
    for (const exits of [0, 7, 255]) equal((await (await start({ exits })).ended).exitCode, exits);
  });

  for (const [name, exitCode] of SIGNALS) {
    test(`a child that ${name} ends, ends with ${exitCode}`, async ({ start }) => {
      const child = await start('runs');
      child.signal(name);
      deepEqual(await child.ended, { exitCode });
    });
  }

  test('a signal goes to one child, and to nobody when that is gone', async ({ start }) => {
    const [first, second] = [await start('runs'), await start('runs')];
    first.signal('SIGTERM');
    deepEqual(await first.ended, { exitCode: 143 });
    first.signal('SIGKILL');
    equal(await Promise.race([second.ended, Promise.resolve('runs')]), 'runs');
    second.signal('SIGKILL');
    deepEqual([await first.ended, await second.ended], [{ exitCode: 143 }, { exitCode: 137 }]);
  });

  test('what is not there is told by its name, and never ran', async ({ start, program }) => {
    const { command } = program('missing');
    await rejects(start('missing'), (error) => {
      ok(hasCode(error, 'child_not_found'));
      ok(error.message.includes(command));
      return true;
    });
  });

  test('S9: more variables are built once, with paths where secrets can be files', async (world) => {
    const { processes, start } = world;
    const paths: string[] = [];
    const buildMore: ChildOrder['buildMore'] = (place) => {
      paths.push(place(new Secret('of the suite')));
      return {};
    };
    const starting = start({ exits: 0 }, { buildMore });
    if (!processes.hasSecretFiles) return rejects(starting, (error) => hasCode(error, 'failed'));
    deepEqual(await (await starting).ended, { exitCode: 0 });
    equal(paths.length, 1);
    ok(paths[0]?.startsWith('/'));
  });

  test('a child whose variables cannot be built is not started', async ({ start }) => {
    const buildMore = () => {
      throw new Error('of the caller');
    };
    await rejects(start('runs', { buildMore }), /of the caller/);
  });

  test('jit is started again with its arguments, and is not waited for', async ({ processes, detached }) => {
    equal(await processes.startDetached(['reap', 'two words']), undefined);
    deepEqual(await detached(), ['reap', 'two words']);
  });

  test('it says where it is, and making ready never fails', async ({ processes }) => {
    equal(processes.prepare(), undefined);
    ok(processes.hostName !== '' && processes.userName !== '');
    equal(typeof processes.hasSecretFiles, 'boolean');
    equal(typeof processes.expectsSecretFiles, 'boolean');
    ok(Object.values(processes.environment).every((value) => typeof value === 'string'));
  });
}
