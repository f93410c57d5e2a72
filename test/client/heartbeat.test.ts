import { expect, it } from 'vitest';
import { exec } from '../../src/client/exec.ts';
import { keepInUse } from '../../src/client/heartbeat.ts';
import { keep } from '../../src/client/held.ts';
import { fail } from '../../src/core/errors.ts';
import type { GrantView } from '../../src/core/view.ts';
import { createTestParts } from '../support/fakes/client-parts.ts';
import { buildClaimed, buildGrantView } from '../support/fakes/fake-backend.ts';

function createBeats(answer: () => GrantView = buildGrantView) {
  const beats: number[] = [];
  const parts = createTestParts({
    backend: {
      reportUse: async () => {
        beats.push(parts.clock.now());
        return answer();
      },
    },
    processes: { environment: {}, onStart: () => undefined },
  });
  return { parts, beats };
}

it.each([
  [900, 60],
  [90, 30],
  [2, 1],
])(
  'a grant that may be idle for %i s is said to be in use every %i s, from the start',
  async (idleSeconds, seconds) => {
    const { parts, beats } = createBeats();
    const startAt = parts.clock.now();
    const stop = keepInUse(parts, { view: buildGrantView({ idleSeconds }) });
    await parts.clock.advance(seconds * 1000 - 1);
    expect(beats).toEqual([startAt]);
    await parts.clock.advance(1);
    await parts.clock.advance(seconds * 1000);
    expect(beats).toEqual([0, 1, 2].map((beat) => startAt + beat * seconds * 1000));
    stop();
    await parts.clock.advance(seconds * 5000);
    expect(beats).toHaveLength(3);
  },
);

it('a beat that fails is followed by the next', async () => {
  const { parts, beats } = createBeats(() => {
    throw fail('unreachable', { address: 'https://jit.example.com', why: 'no route' });
  });
  const stop = keepInUse(parts, { view: buildGrantView({ idleSeconds: 3 }) });
  await parts.clock.advance(1000);
  await parts.clock.advance(1000);
  expect(beats).toHaveLength(3);
  stop();
});

it('of a grant that may be idle it is said once, when the command has run for a second', async () => {
  const { parts, beats } = createBeats();
  const startAt = parts.clock.now();
  keepInUse({ ...parts, recordsUse: true }, { view: buildGrantView() });
  await parts.clock.advance(999);
  expect(beats).toEqual([]);
  await parts.clock.advance(60_000);
  expect(beats).toEqual([startAt + 1000]);
  expect(parts.clock.sleeping).toBe(0);
});

it('nothing is said of a grant that may be idle where the command is over before, nor where nobody writes it down', async () => {
  const { parts, beats } = createBeats();
  const stop = keepInUse({ ...parts, recordsUse: true }, { view: buildGrantView() });
  await parts.clock.advance(500);
  stop();
  keepInUse(parts, { view: buildGrantView() });
  await parts.clock.advance(60_000);
  expect(beats).toEqual([]);
  expect(parts.clock.sleeping).toBe(0);
});

it('a command that runs keeps its grant in use until it ends', async () => {
  const { parts, beats } = createBeats();
  const held = await keep(parts, buildClaimed({ grant: buildGrantView({ idleSeconds: 30 }) }));
  const quiet = { onWarning: () => undefined, onEnd: () => undefined, signal: new AbortController().signal };
  const running = exec(parts, { ...quiet, held, command: 'psql', args: [] });
  await expect.poll(() => beats.length).toBe(1);
  await parts.clock.advance(10_000);
  expect(beats).toHaveLength(2);
  parts.processes.children[0]?.end(0);
  await running;
  expect(parts.clock.sleeping).toBe(0);
});
