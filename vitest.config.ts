import { defineConfig } from 'vitest/config';

const TIMED = 'test/**/*.timed.test.ts';

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
        test: {
          name: 'tests',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: [TIMED],
          // More than a small machine has cores: much of the time of a test with real programs is waiting for them.
          maxWorkers: 3,
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
