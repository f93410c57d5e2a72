import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../programs/running-jit.ts';
import { openPlugin, type TestPlugin, type TestPluginOptions } from './exec-backend.ts';

export const HOSTILE = join(ROOT, 'test', 'support', 'plugins', 'hostile-plugin-program.ts');

/** A plugin that does one thing wrong, by name: see `hostile-plugin-program.ts`. */
export function openHostile(manner: string, options: TestPluginOptions = {}): Promise<TestPlugin> {
  return openPlugin({
    command: process.execPath,
    args: [HOSTILE, manner],
    // One that hangs is waited for that long; one that does not may take its time to start.
    timeoutSeconds: manner.startsWith('hang') ? 4 : 10,
    ...options,
  });
}

/** Of the processes that a hostile plugin has told of, those that live. */
export async function listSurvivors(folder: string): Promise<readonly number[]> {
  const text = await readFile(join(folder, 'pids'), 'utf8').catch(() => '');
  const pids = text.split('\n').filter(Boolean).map(Number);
  if (pids.length === 0) throw new Error('the plugin never ran');
  const alive = await Promise.all(pids.map(isAlive));
  return pids.filter((_, index) => alive[index]);
}

/** A process that has ended and that nobody has asked about yet is not alive. */
async function isAlive(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return status !== '' && !/\) Z /.test(status);
}
