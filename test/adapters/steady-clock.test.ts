import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Boot, createSteadyClock, readLinuxBoot } from '../../src/adapters/steady-clock.ts';
import { createFakeClock, type FakeClock } from '../support/fakes/fake-clock.ts';

const START_AT = Date.parse('2026-11-21T14:00:00Z');
const HOUR_MS = 3_600_000;

let folder: string;
let wall: FakeClock;
let boot: Boot | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jit-test-clock-'));
  wall = createFakeClock(START_AT);
  boot = { id: 'first', upMs: 1_000_000 };
});

afterEach(() => rm(folder, { recursive: true, force: true }));

function open() {
  return createSteadyClock({ path: join(folder, 'state', 'clock.json'), wall, readBoot: () => boot });
}

/** Time goes by, as uptime and wall clock both see it. */
async function pass(ms: number): Promise<void> {
  await wall.advance(ms);
  if (boot) boot = { ...boot, upMs: boot.upMs + ms };
}

describe('S10: the time of a client', () => {
  it('is the wall clock until a server was heard', async () => {
    await pass(1000);
    expect(open().now()).toBe(wall.now());
  });

  it.each([12, -12])(
    'goes on when the wall clock is set by %i hours, also in the next command',
    async (hours) => {
      open().hear(START_AT + 1500);
      await pass(60_000);
      wall.setWall(wall.now() + hours * HOUR_MS);
      expect(open().now()).toBe(START_AT + 1500 + 60_000);
    },
  );

  it('is the wall clock again after a restart of the machine', async () => {
    open().hear(START_AT + 1500);
    boot = { id: 'second', upMs: 5 };
    expect(open().now()).toBe(START_AT);
  });

  it('is not moved by a server that is far from it', () => {
    const clock = open();
    clock.hear(START_AT + HOUR_MS);
    expect(clock.now()).toBe(START_AT);
    clock.hear(START_AT + 1500);
    clock.hear(START_AT - HOUR_MS);
    expect(clock.now()).toBe(START_AT + 1500);
  });

  it('is not led away step by step', () => {
    const clock = open();
    for (let step = 1; step <= 200; step += 1) clock.hear(START_AT + step * 250_000);
    expect(clock.now() - START_AT).toBeLessThanOrEqual(300_000);
  });

  it('is put right by a server where the uptime had jumped and the wall clock had not', () => {
    open().hear(START_AT);
    boot = { id: 'first', upMs: 1_000_000 + 8 * HOUR_MS };
    const clock = open();
    expect(clock.now()).toBe(START_AT + 8 * HOUR_MS);
    clock.hear(START_AT + 1000);
    expect(clock.now()).toBe(START_AT + 1000);
  });

  it('is the wall clock where uptime is not to be had, and where its memory is damaged', async () => {
    open().hear(START_AT + 1500);
    const path = join(folder, 'state', 'clock.json');
    for (const text of ['', '{', 'null', '{"bootId":"first","upMs":"1","at":1}', '[1]']) {
      await writeFile(path, text);
      expect(open().now()).toBe(START_AT);
    }
    boot = undefined;
    const clock = open();
    clock.hear(START_AT + 1500);
    expect(clock.now()).toBe(START_AT);
  });

  it('writes only when there is something new to remember', async () => {
    const clock = open();
    clock.hear(START_AT + 1500);
    const path = join(folder, 'state', 'clock.json');
    const before = await readFile(path, 'utf8');
    await pass(1000);
    clock.hear(START_AT + 3000);
    expect(await readFile(path, 'utf8')).toBe(before);
    clock.hear(START_AT + 9000);
    expect(await readFile(path, 'utf8')).not.toBe(before);
  });

  it.runIf(process.platform === 'linux')('counts a real uptime on Linux', () => {
    expect(readLinuxBoot()).toMatchObject({ id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  });
});
