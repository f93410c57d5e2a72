import { join } from 'node:path';
import { describe, test } from 'vitest';
import { createSystemClock } from '../../src/adapters/clock.ts';
import { createForwardClock } from '../../src/adapters/forward-clock.ts';
import { createSteadyClock, readLinuxBoot } from '../../src/adapters/steady-clock.ts';
import type { Clock } from '../../src/core/ports/clock.ts';
import { type ClockUnderTest, clockSuite } from '../../src/testing/clock.ts';
import { realClock } from '../support/databases/postgres.ts';
import { createFakeClock } from '../support/fakes/fake-clock.ts';
import { createMovableClock } from '../support/fakes/movable-clock.ts';
import { createStandingClock } from '../support/scripted-server/clock.ts';

/** Of the world: its time passes by itself. */
const real = (clock: Clock): ClockUnderTest => ({
  clock,
  pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
});

const CLOCKS: readonly [string, () => ClockUnderTest][] = [
  ['the system', () => real(createSystemClock())],
  [
    'the steady one of the client',
    () =>
      real(
        createSteadyClock({
          path: join(import.meta.dirname, 'nothing-here.json'),
          wall: createSystemClock(),
          readBoot: readLinuxBoot,
        }),
      ),
  ],
  [
    'a server that has no other',
    () => real(createForwardClock({ host: createSystemClock(), onError: () => {} })),
  ],
  ['the tests that wait for a real server', () => real(realClock)],
  ['the tests that move it', () => real(createMovableClock())],
  [
    'the tests that let it pass',
    () => {
      const clock = createFakeClock(Date.parse('2026-11-22T14:00:00Z'));
      return { clock, pass: clock.advance };
    },
  ],
  [
    'the tests that let it stand',
    () => {
      const clock = createStandingClock();
      return { clock, pass: async (ms) => clock.advance(ms) };
    },
  ],
];

describe.each(CLOCKS)('Clock contract: %s', (_, open) => {
  clockSuite({ test }, open);
});
