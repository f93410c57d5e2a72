import { globSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

const TIMED = 'test/**/*.timed.test.ts';
/**
 * They start no program and change nothing of their process, so many of them share one: starting a process for each
 * is most of what they would take. What has a browser in it has a process of its own.
 */
const IN_PROCESS = globSync(
  ['core', 'broker', 'client', 'cli', 'server/{api,oauth,live,pages,channels,people}'].map(
    (folder) => `test/${folder}/**/*.test.{ts,tsx}`,
  ),
).filter((name) => !/browser|\.timed\./.test(name));
/** More than a small machine has cores: much of the time of a test with real programs is waiting for them. */
const AT_ONCE = 3;

export default defineConfig({
  test: {
    pool: 'forks',
    // How long to wait for what has no time of its own to keep: a machine with much else to do is no fault.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 20_000 } },
    env: { TZ: 'Europe/Rome', NO_COLOR: '1' },
    projects: [
      {
        extends: true,
        test: { name: 'in process', include: IN_PROCESS, isolate: false, maxWorkers: AT_ONCE },
      },
      {
        extends: true,
        test: {
          name: 'tests',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: [TIMED, ...IN_PROCESS],
          maxWorkers: AT_ONCE,
        },
      },
      {
        extends: true,
        // What measures a time that was promised has the machine to itself, after all the others.
        test: { name: 'timed', include: [TIMED], maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
