import { describe, expect, it } from 'vitest';
import { countResults } from '../../scripts/ci/judge-results.ts';

function report(statuses: readonly string[]) {
  return {
    numPassedTests: statuses.filter((status) => status === 'passed').length,
    numFailedTests: statuses.filter((status) => status === 'failed').length,
    testResults: [
      {
        name: 'test/a.test.ts',
        status: statuses.includes('failed') ? 'failed' : 'passed',
        assertionResults: statuses.map((status, index) => ({ fullName: `case ${index}`, status })),
      },
    ],
  };
}

describe('the count of a test run', () => {
  it('is what passed and what failed', () => {
    expect(countResults(report(['passed', 'passed']), 0)).toEqual({ passed: 2, failed: 0, complaints: [] });
    expect(countResults(report(['passed', 'failed']), 1)).toEqual({ passed: 1, failed: 1, complaints: [] });
  });

  it.each(['pending', 'skipped', 'todo', 'disabled'])(
    'takes a test that is %s as failed, by name',
    (status) => {
      expect(countResults(report(['passed', status]), 0)).toEqual({
        passed: 1,
        failed: 1,
        complaints: [`${status}: case 1`],
      });
    },
  );

  it('takes a file that cannot be loaded as one failure', () => {
    const broken = { name: 'test/b.test.ts', status: 'failed', assertionResults: [] };
    const written = { ...report(['passed']), testResults: [broken] };
    expect(countResults(written, 1)).toMatchObject({ passed: 1, failed: 1 });
  });

  it.each([
    ['left no report', undefined, 1],
    ['left half a report', { numPassedTests: 3 }, 0],
    ['ran nothing', report([]), 0],
    ['passed everything and still ended badly', report(['passed']), 1],
  ])('is never clean when the run %s', (_, written, exitCode) => {
    expect(countResults(written, exitCode).failed).toBe(1);
  });
});
