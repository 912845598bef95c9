/** What the steady shares of a pool depend on; guests by place. */
export interface ShareProblem {
  readonly poolPages: number;
  readonly weights: ArrayLike<number>;
  /** The most pages that each guest can make use of. */
  readonly demands: ArrayLike<number>;
  /** Pages that each guest counts as using effectively (see `host/tmem/idle-use.ts`), and the idle tax in thousandths. */
  readonly usedPages: ArrayLike<number>;
  readonly idleTaxPermille: number;
}

/**
 * The shares that max-over-share settles at: all guests that could use more have the same charge (1000·e − τ·min(e, u)) / w,
 * and what a guest cannot use goes to the others in proportion to their weight (water-filling). Guests of weight 0 among
 * others get what those leave. Pages, not rounded; `into` takes them.
 */
export function fillShares(problem: ShareProblem, into: Float64Array): void {
  const { poolPages, weights } = problem;
  let anyWeight = false;
  for (let guest = 0; guest < into.length; guest++) if (weights[guest] > 0) anyWeight = true;
  into.fill(0);
  const given = fillClass(problem, anyWeight, true, poolPages, into);
  // Guests of weight 0 among others share what those leave as equals.
  if (anyWeight && given < poolPages) fillClass(problem, anyWeight, false, poolPages - given, into);
}

/**
 * Fills the guests of weight above 0 (`first`), or the others. What they hold at a level λ is a concave function of λ made
 * of straight lines, so Newton's steps from the left reach the level at which the pages are given out in a few steps.
 * @returns pages given out
 */
function fillClass(
  { weights, demands, usedPages, idleTaxPermille }: ShareProblem,
  anyWeight: boolean,
  first: boolean,
  pages: number,
  into: Float64Array,
): number {
  const untaxed = 1000 - idleTaxPermille;
  let level = 0;
  let sum = 0;
  for (let step = 0; step <= 2 * into.length + 2; step++) {
    let slope = 0;
    sum = 0;
    for (let guest = 0; guest < into.length; guest++) {
      if (anyWeight && weights[guest] > 0 !== first) continue;
      const weight = anyWeight && first ? weights[guest] : 1;
      const charge = level * weight;
      const used = usedPages[guest];
      const isUsed = charge < used * untaxed;
      const share = isUsed ? charge / untaxed : (charge + idleTaxPermille * Math.min(used, charge / untaxed)) / 1000;
      if (share < demands[guest]) slope += isUsed ? weight / untaxed : weight / 1000;
      into[guest] = Math.min(share, demands[guest]);
      sum += into[guest];
    }
    if (slope === 0 || pages - sum <= 1e-9 * pages) return sum;
    level += (pages - sum) / slope;
  }
  return sum;
}
