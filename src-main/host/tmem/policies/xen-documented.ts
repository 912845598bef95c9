import { type EvictionPolicy, GLOBAL_OLDEST, type Holdings } from './policy.ts';
import { shareTest } from './quota.ts';

/**
 * xen-documented: Xen's rule as its documents describe it, the quota test with the comparison turned.
 *
 *   on pressure by client c:
 *     if ⌊100·G/C⌋ < ⌊100·W/w⌋, that is, c holds MORE than its share: evict c's own oldest page
 *     else: evict the oldest page of all
 */
export function xenDocumented(holdings: Holdings): EvictionPolicy {
  return {
    name: 'xen-documented',
    watches: false,
    victim: (requester) => (shareTest(holdings, requester) < 0 ? requester : GLOBAL_OLDEST),
    changed: () => undefined,
    rebuild: () => undefined,
  };
}
