import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createFileLock } from '../../src/adapters/lock/file-lock.ts';

// Counts up a shared counter under the lock, `turns` times; every turn is a line in the log. `hold` never lets go.
const [folder = '', turns = '1', mode = 'count'] = process.argv.slice(2);
const counter = join(folder, 'counter');
const clock = { now: () => 0, monotonicMs: () => performance.now(), sleep: (ms: number) => setTimeout(ms) };
const lock = createFileLock({ folder: join(folder, 'locks'), clock });

async function countUp(): Promise<void> {
  const next = Number(readFileSync(counter, 'utf8')) + 1;
  // Whoever else believes to hold the lock gets a turn here.
  await new Promise((resolve) => setImmediate(resolve));
  writeFileSync(`${counter}.${process.pid}`, String(next));
  renameSync(`${counter}.${process.pid}`, counter);
  appendFileSync(join(folder, 'log'), `${next}\n`);
}

async function holdForEver(): Promise<void> {
  process.stdout.write('holding\n');
  await setTimeout(2 ** 30);
}

for (let turn = 0; turn < Number(turns); turn += 1) {
  await lock.run('session', mode === 'hold' ? holdForEver : countUp);
  if (mode === 'count') process.stdout.write(`${turn}\n`);
}
