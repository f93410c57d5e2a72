import * as v from 'valibot';

const report = v.object({
  numPassedTests: v.number(),
  numFailedTests: v.number(),
  testResults: v.array(
    v.object({
      name: v.string(),
      status: v.string(),
      assertionResults: v.array(v.object({ fullName: v.string(), status: v.string() })),
    }),
  ),
});

/**
 * The count of a test run. A test that was skipped counts as failed, because nobody knows whether it would hold; so
 * does a file that could not be loaded, a run that left no report, and one that ended badly for no test's sake.
 */
export function countResults(
  written: unknown,
  exitCode: number,
): { readonly passed: number; readonly failed: number; readonly complaints: readonly string[] } {
  const parsed = v.safeParse(report, written);
  if (!parsed.success) return { passed: 0, failed: 1, complaints: ['the tests left no report'] };
  const { numPassedTests, numFailedTests, testResults } = parsed.output;
  const complaints = [
    ...testResults
      .filter((file) => file.status === 'failed' && file.assertionResults.length === 0)
      .map((file) => `could not be run: ${file.name}`),
    ...testResults.flatMap((file) =>
      file.assertionResults
        .filter((test) => !['passed', 'failed'].includes(test.status))
        .map((test) => `${test.status}: ${test.fullName}`),
    ),
  ];
  const failed = numFailedTests + complaints.length;
  if (numPassedTests + failed === 0) complaints.push('no test was run');
  if (exitCode !== 0 && failed === 0) complaints.push(`the test command ended with ${exitCode}`);
  return { passed: numPassedTests, failed: numFailedTests + complaints.length, complaints };
}
