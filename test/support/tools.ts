import { execFileSync } from 'node:child_process';

/** Whether a test that needs this tool can run here. With JIT_TEST_NO_SKIP=1 it must. */
export function hasTool(command: readonly [string, ...string[]], what: string): boolean {
  const [program, ...args] = command;
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch (error) {
    if (process.env.JIT_TEST_NO_SKIP === '1') throw new Error(`this test needs ${what}`, { cause: error });
    console.warn(`skipped: this test needs ${what}`);
    return false;
  }
}
