import { readFileSync } from 'node:fs';
import * as v from 'valibot';

/** How many tests ended how. */
export type Tally = { passed: number; failed: number; skipped: number };

/** A step that is no test and failed: it counts as one failure. */
export const FAILED_STEP: Tally = { passed: 0, failed: 1, skipped: 0 };

const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const VitestResultsSchema = v.object({
  numPassedTests: Count,
  numFailedTests: Count,
  numPendingTests: Count,
  numTodoTests: Count,
});

/**
 * Reads what Vitest's JSON reporter wrote. A run that failed without a failed test (a file that cannot be loaded, an error
 * outside of tests, no result at all, no test at all) counts as one failure.
 */
export function tallyOfVitest(resultsFile: string, exitCode: number): Tally {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(resultsFile, 'utf8'));
  } catch {
    return FAILED_STEP;
  }
  const results = v.safeParse(VitestResultsSchema, json);
  if (!results.success) return FAILED_STEP;
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = results.output;
  const failedOtherwise = numFailedTests === 0 && (exitCode !== 0 || numPassedTests === 0);
  return {
    passed: numPassedTests,
    failed: numFailedTests + (failedOtherwise ? 1 : 0),
    skipped: numPendingTests + numTodoTests,
  };
}

export function addTallies(a: Tally, b: Tally): Tally {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/** The last line of a test run. Skipped tests are named only where there are some. */
export function closingLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** A run without a single test that passed has shown nothing. */
export function exitCodeOf({ passed, failed }: Tally): number {
  return failed === 0 && passed > 0 ? 0 : 1;
}
