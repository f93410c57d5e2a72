import { type MeasuredCommand, runAndUndo } from './commands.ts';

export type Result = {
  readonly command: MeasuredCommand;
  readonly medianMs: number;
  /** To the bare Node of the same run. */
  readonly ratio: number;
  readonly peakMebibytes: number;
};

const MEMORY_RUNS = 5;

/**
 * Every command once in each round, so that a busy minute touches all of them alike. Memory is taken in rounds of
 * their own, because looking costs time. The first command is what the others are compared with.
 */
export async function measureAll(
  commands: readonly MeasuredCommand[],
  rounds: number,
): Promise<readonly Result[]> {
  const times = await collect(commands, {
    rounds,
    read: async (command) => (await runAndUndo(command)).elapsedMs,
  });
  const peaks = await collect(commands, {
    rounds: MEMORY_RUNS,
    read: async (command) => (await runAndUndo(command, { memory: true })).peakBytes,
  });
  const baseMs = findMedian(times[0] ?? []);
  return commands.map((command, index) => {
    const medianMs = findMedian(times[index] ?? []);
    const peakMebibytes = findMedian(peaks[index] ?? []) / 1024 / 1024;
    return { command, medianMs, ratio: medianMs / baseMs, peakMebibytes };
  });
}

async function collect(
  commands: readonly MeasuredCommand[],
  plan: { readonly rounds: number; readonly read: (command: MeasuredCommand) => Promise<number> },
): Promise<readonly (readonly number[])[]> {
  const values: number[][] = commands.map(() => []);
  // The first round only warms the disk's cache.
  for (let round = 0; round <= plan.rounds; round += 1) {
    for (const [index, command] of commands.entries()) {
      const value = await plan.read(command);
      if (round > 0) values[index]?.push(value);
    }
  }
  return values;
}

/** The middle one; of an even number the mean of the two in the middle. */
export function findMedian(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
