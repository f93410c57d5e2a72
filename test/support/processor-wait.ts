import { readFile } from 'node:fs/promises';

/**
 * How long, in milliseconds, the main thread of a process has waited for a processor that others had; 0 where the system
 * does not say. What is left of a time without it is what the process took itself.
 */
export async function readProcessorWaitMs(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/schedstat`, 'utf8').catch(() => '');
  return Number(text.split(' ')[1] ?? 0) / 1_000_000;
}
