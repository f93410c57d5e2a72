import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../programs/running-jit.ts';

/** A client that runs one statement with what its environment says, rows on stdout: `psql`, else the sample program. */
export function buildQuery(sql: string): readonly string[] {
  if (hasPsql()) return ['psql', '-X', '-A', '-t', '-c', sql];
  return [process.execPath, join(ROOT, 'examples', 'query.js'), sql];
}

function hasPsql(): boolean {
  try {
    execFileSync('psql', ['--version'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    if (process.env.JIT_TEST_NO_SKIP === '1')
      throw new Error('psql is needed for this test', { cause: error });
    return false;
  }
}
