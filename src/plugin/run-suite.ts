import type { PluginPart, TestResult } from '../core/plugin-report.ts';

/** A test that takes longer hangs. */
const LONGEST_MS = 60_000;
const LONGEST_WHY = 600;

type Runner = { readonly test: (name: string, body: () => Promise<void>) => void };

export type SuiteOrder = {
  readonly part: PluginPart;
  /** Says its tests to the runner. `skip` marks the test that runs as one that could not be made. */
  readonly register: (runner: Runner, skip: (why: string) => void) => void;
  readonly onResult: (result: TestResult) => void;
};

/** Runs the tests of a contract suite, one after another, whatever becomes of each. */
export async function runSuite({ part, register, onResult }: SuiteOrder): Promise<readonly TestResult[]> {
  const tests: { readonly name: string; readonly body: () => Promise<void> }[] = [];
  let skipped: string | undefined;
  register({ test: (name, body) => void tests.push({ name, body }) }, (why) => (skipped = why));
  const results: TestResult[] = [];
  for (const { name, body } of tests) {
    skipped = undefined;
    const failure = await runTest(body);
    const passed = skipped === undefined ? 'passed' : 'skipped';
    const result: TestResult =
      failure === undefined
        ? { part, name, outcome: passed, why: skipped ?? null }
        : { part, name, outcome: 'failed', why: failure };
    onResult(result);
    results.push(result);
  }
  return results;
}

/** Undefined when it held. */
async function runTest(body: () => Promise<void>): Promise<string | undefined> {
  const over = Promise.withResolvers<never>();
  const why = `it took longer than ${LONGEST_MS / 1000} s`;
  const patience = setTimeout(() => over.reject(new Error(why)), LONGEST_MS);
  try {
    await Promise.race([body(), over.promise]);
    return undefined;
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).slice(0, LONGEST_WHY);
  } finally {
    clearTimeout(patience);
  }
}
