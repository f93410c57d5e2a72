import { describe, expect, it } from 'vitest';
import { keep } from '../../src/client/held.ts';
import { superviseLease } from '../../src/client/lease.ts';
import type { HeldGrant } from '../../src/core/ports/local-state.ts';
import type { ChildOrder } from '../../src/core/ports/processes.ts';
import type { GrantView } from '../../src/core/view.ts';
import {
  createTestParts,
  NOW,
  type TestParts,
  type TestPartsOptions,
} from '../support/fakes/client-parts.ts';
import { buildClaimed, buildEndedGrant, buildGrantView, MINUTE_MS } from '../support/fakes/fake-backend.ts';

const SECOND_MS = 1_000;
const ORDER: ChildOrder = { command: 'psql', args: [], environment: {}, secretFiles: [] };

type Watched = TestParts & {
  readonly held: () => ReturnType<TestParts['held']>;
  readonly said: string[];
  readonly signals: () => readonly string[];
  readonly stop: () => void;
  readonly grant: HeldGrant;
};

/** A child under a lease of this many minutes from noon; what it is told is `said` with the minutes since noon. */
async function watch(minutes: number, options: TestPartsOptions = {}): Promise<Watched> {
  const parts = createTestParts({ processes: { endedBy: [] }, ...options });
  const grant = await keep(
    parts,
    buildClaimed({ grant: buildGrantView({ expiresAt: NOW + minutes * MINUTE_MS }) }),
  );
  const child = await parts.processes.start(ORDER);
  const said: string[] = [];
  const tell = (text: string): void => {
    said.push(`${(parts.clock.now() - NOW) / SECOND_MS} s: ${text}`);
  };
  const stop = superviseLease(parts, {
    held: grant,
    child,
    onWarning: (endsAt) => tell(`ends at ${(endsAt - NOW) / SECOND_MS} s`),
    onEnd: () => tell('over'),
  });
  return { ...parts, grant, said, stop, signals: () => parts.processes.children[0]?.signals ?? [] };
}

const live = (view: Partial<GrantView>): TestPartsOptions => ({
  backend: { readGrant: async () => buildGrantView(view) },
});

describe('a command under a lease', () => {
  it('is warned 5 min, 1 min and 10 s before the end, then asked to end, then made to', async () => {
    const { clock, said, signals } = await watch(30, live({}));
    await clock.advance(30 * MINUTE_MS);
    expect(said).toEqual([
      '1500 s: ends at 1800 s',
      '1740 s: ends at 1800 s',
      '1790 s: ends at 1800 s',
      '1800 s: over',
    ]);
    expect(signals()).toEqual(['SIGTERM']);
    await clock.advance(5 * SECOND_MS - 1);
    expect(signals()).toEqual(['SIGTERM']);
    await clock.advance(1);
    expect(signals()).toEqual(['SIGTERM', 'SIGKILL']);
  });

  it('is not warned of what is nearer than the warning from the beginning', async () => {
    const { clock, said } = await watch(0.5, live({ expiresAt: NOW + 0.5 * MINUTE_MS }));
    await clock.advance(30 * SECOND_MS);
    expect(said).toEqual(['20 s: ends at 30 s', '30 s: over']);
  });

  it('is left alone when it ended by itself', async () => {
    const { clock, said, signals, stop } = await watch(30, live({}));
    await clock.advance(2 * MINUTE_MS);
    stop();
    await clock.advance(60 * MINUTE_MS);
    expect(said).toEqual([]);
    expect(signals()).toEqual([]);
  });

  it('goes on where the grant was extended at the server, from another machine', async () => {
    const { clock, said, signals } = await watch(30, live({ expiresAt: NOW + 60 * MINUTE_MS }));
    await clock.advance(31 * MINUTE_MS);
    expect(said).toEqual([]);
    await clock.advance(29 * MINUTE_MS);
    expect(said.map((line) => line.replace(/:.*/, ''))).toEqual(['3300 s', '3540 s', '3590 s', '3600 s']);
    expect(signals()).toEqual(['SIGTERM']);
  });

  it('goes on where another terminal extended it here, though the server is away', async () => {
    const parts = await watch(30);
    const longer = buildGrantView({ expiresAt: NOW + 60 * MINUTE_MS });
    await keep(parts, buildClaimed({ grant: longer }));
    await parts.clock.advance(45 * MINUTE_MS);
    expect(parts.signals()).toEqual([]);
  });

  it('sees a second extension as well as the first', async () => {
    let expiresAt = NOW + 60 * MINUTE_MS;
    const { clock, signals } = await watch(30, {
      backend: { readGrant: async () => buildGrantView({ expiresAt }) },
    });
    await clock.advance(40 * MINUTE_MS);
    expiresAt = NOW + 90 * MINUTE_MS;
    await clock.advance(45 * MINUTE_MS);
    expect(signals()).toEqual([]);
    await clock.advance(5 * MINUTE_MS);
    expect(signals()).toEqual(['SIGTERM']);
  });

  it('ends at the time that was known where the server is away', async () => {
    const { clock, signals } = await watch(30);
    await clock.advance(30 * MINUTE_MS);
    expect(signals()).toEqual(['SIGTERM']);
  });

  it('ends within 2 s of its time where the server does not answer', async () => {
    const { clock, signals } = await watch(30, {
      backend: { readGrant: () => new Promise(() => undefined) },
    });
    await clock.advance(30 * MINUTE_MS + 2 * SECOND_MS);
    expect(signals()).toEqual(['SIGTERM']);
  });

  it('does not take a later end from a grant that is not live any more', async () => {
    const ended = buildEndedGrant({ expiresAt: NOW + 90 * MINUTE_MS });
    const { clock, signals } = await watch(30, { backend: { readGrant: async () => ended } });
    await clock.advance(30 * MINUTE_MS);
    expect(signals()).toEqual(['SIGTERM']);
  });

  it('S10: ends within 10 s of waking when the machine slept past its end', async () => {
    const { clock, said, signals } = await watch(30, live({}));
    clock.setWall(NOW + 120 * MINUTE_MS);
    await clock.advance(10 * SECOND_MS);
    expect(said).toEqual(['7210 s: over']);
    expect(signals()).toEqual(['SIGTERM']);
  });
});
