/**
 * The part of the pool that a weight gives: w_i / Σw when everybody wants more. All weights zero means all equal; beside
 * others a weight of zero gives nothing.
 */
export function weightShare(weight: number, weights: readonly number[]): number {
  if (weights.length === 0) return NaN;
  const sum = weights.reduce((total, one) => total + one, 0);
  return sum === 0 ? 1 / weights.length : weight / sum;
}
