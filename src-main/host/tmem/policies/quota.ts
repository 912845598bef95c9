import { type Holdings, NO_CLIENT } from './policy.ts';

/**
 * The two sides of Xen's quota test for a requesting client, in the whole-number arithmetic of its `client_over_quota`
 * (`xen/common/tmem.c`, 4.0 to 4.12): ⌊100·G/C⌋ − ⌊100·W/w⌋, with G and C the ephemeral pages of all and of the client,
 * W and w the weights. Positive: the client holds less than its weighted share (to the precision of the division).
 * 0 where the test does not apply: nobody asks, no weights, or the client has no weight or holds nothing.
 */
export function shareTest(holdings: Holdings, requester: number): number {
  if (requester === NO_CLIENT) return 0;
  const weight = holdings.weights[requester];
  const held = holdings.ephemeralPages[requester];
  if (holdings.totalWeight === 0 || weight === 0 || held === 0) return 0;
  // Exact: both dividends stay below 2^53 / 4096, so a rounded quotient never crosses a whole number.
  return Math.trunc((100 * holdings.totalEphemeralPages) / held) - Math.trunc((100 * holdings.totalWeight) / weight);
}
