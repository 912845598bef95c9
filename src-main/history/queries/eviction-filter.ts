import type { EvictionFilter } from '#contract/requests.ts';
import { EVICTION_REASONS } from '#contract/samples.ts';

/** The part of a filter that is not about time, as SQL over `victimId`, `beneficiaryId` and `reason`. */
export function conditionOf({ victims, beneficiaries, reasons }: EvictionFilter): string {
  // The numbers come out of the contract's schema: whole and in range.
  const oneOf = (column: string, values: readonly number[]): string =>
    values.length === 0 ? '' : ` AND ${column} IN (${values.join(', ')})`;
  return (
    oneOf('victimId', victims) +
    oneOf('beneficiaryId', beneficiaries) +
    oneOf(
      'reason',
      reasons.map((reason) => EVICTION_REASONS.indexOf(reason)),
    )
  );
}
