import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    pool: 'forks',
    // How long to wait for what has no time of its own to keep: a machine with much else to do is no fault.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 20_000 } },
    // More than a small machine has cores: much of the time of a test with real programs is waiting for them.
    maxWorkers: 3,
    env: { TZ: 'Europe/Rome', NO_COLOR: '1' },
  },
});
