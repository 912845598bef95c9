import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addTallies, closingLine, exitCodeOf, tallyOfVitest } from '../../scripts/tally.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tmem-console-tally-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function results(passed: number, failed: number, skipped = 0): string {
  const file = join(folder, 'results.json');
  const counts = { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped, numTodoTests: 0 };
  writeFileSync(file, JSON.stringify({ ...counts, success: failed === 0 }));
  return file;
}

describe('the tally of a test run', () => {
  it('counts what Vitest counted', () => {
    expect(tallyOfVitest(results(12, 0, 3), 0)).toEqual({ passed: 12, failed: 0, skipped: 3 });
    expect(tallyOfVitest(results(12, 2), 1)).toEqual({ passed: 12, failed: 2, skipped: 0 });
  });

  it('counts a failure that is no test: an error outside of tests, no test at all, no or broken results', () => {
    expect(tallyOfVitest(results(12, 0), 1).failed).toBe(1);
    expect(tallyOfVitest(results(0, 0), 0).failed).toBe(1);
    expect(tallyOfVitest(join(folder, 'none.json'), 0).failed).toBe(1);
    writeFileSync(join(folder, 'broken.json'), '{"numPassedTests":');
    expect(tallyOfVitest(join(folder, 'broken.json'), 0).failed).toBe(1);
    writeFileSync(join(folder, 'foreign.json'), '{"numPassedTests":"12"}');
    expect(tallyOfVitest(join(folder, 'foreign.json'), 0).failed).toBe(1);
  });

  it('ends with one plain line and an exit code that agrees with it', () => {
    const sum = addTallies({ passed: 3, failed: 0, skipped: 0 }, { passed: 4, failed: 1, skipped: 2 });
    expect(closingLine(sum)).toBe('7 passed, 1 failed, 2 skipped');
    expect(closingLine({ passed: 7, failed: 0, skipped: 0 })).toBe('7 passed, 0 failed');
    expect(exitCodeOf(sum)).toBe(1);
    expect(exitCodeOf({ passed: 7, failed: 0, skipped: 0 })).toBe(0);
    expect(exitCodeOf({ passed: 0, failed: 0, skipped: 0 })).toBe(1);
  });
});
