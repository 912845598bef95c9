import type { StudyResult } from '#contract/studies.ts';
import { CPU_CLASSES } from '../host/costs.ts';
import { breakEven } from '../what-if/break-even.ts';

/** A result that says of each alternative from which disks on its precache pays for its copies. */
export function withBreakEven(result: StudyResult): StudyResult {
  const { modern, old } = CPU_CLASSES;
  const alternatives = result.alternatives.map((outcome) => ({
    ...outcome,
    breakEvenDiskNs: {
      modern: breakEven(outcome.host, modern).serviceNs,
      old: breakEven(outcome.host, old).serviceNs,
    },
  }));
  return { ...result, alternatives };
}
