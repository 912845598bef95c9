import { type EvictionPolicy, GLOBAL_OLDEST, type Holdings } from './policy.ts';
import { shareTest } from './quota.ts';

/**
 * xen-shipped: what the source of Xen 4.0 to 4.12 does, with the comparison of its quota test the wrong way round.
 *
 *   on pressure by client c:
 *     if ⌊100·G/C⌋ > ⌊100·W/w⌋, that is, c holds LESS than its share: evict c's own oldest page
 *     else: evict the oldest page of all
 */
export function xenShipped(holdings: Holdings): EvictionPolicy {
  return {
    name: 'xen-shipped',
    watches: false,
    victim: (requester) => (shareTest(holdings, requester) > 0 ? requester : GLOBAL_OLDEST),
    changed: () => undefined,
    rebuild: () => undefined,
  };
}
