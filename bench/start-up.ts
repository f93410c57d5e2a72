import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { HOLDING, listCommands } from './start-up/commands.ts';
import { measureAll } from './start-up/measure.ts';
import { formatResults } from './start-up/report.ts';
import { setStage } from './start-up/stage.ts';

/**
 * What it costs to start jit: whole processes, from spawn to exit, as ratios to `node -e 0` of the same Node in the
 * same run. Absolute times are of this machine and this minute; ratios travel. Exits 1 when a budget is not met.
 *
 *   npm run bench [-- --runs 40]
 */
const root = join(import.meta.dirname, '..');
const runs = Number(process.argv[process.argv.indexOf('--runs') + 1]) || 40;

if (!existsSync(join(root, 'dist/main.js'))) throw new Error('nothing to measure: npm run build');

const stage = await setStage(HOLDING);
try {
  const { measured, leftOut } = await listCommands(root, stage);
  const report = formatResults(await measureAll(measured, runs));
  console.log(report.text);
  for (const { name, why } of leftOut) console.log(`left out: ${name} (${why})`);
  if (!report.withinBudget) process.exitCode = 1;
} finally {
  await stage.stop();
}
