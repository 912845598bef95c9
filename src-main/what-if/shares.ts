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

const BISECTIONS = 60;

/**
 * The shares that max-over-share settles at: all guests that could use more have the same charge (1000·e − τ·min(e, u)) / w,
 * and what a guest cannot use goes to the others in proportion to their weight (water-filling). Guests of weight 0 among
 * others get what those leave. Pages, not rounded; `into` takes them.
 */
export function fillShares(problem: ShareProblem, into: Float64Array): void {
  const { poolPages, weights, demands } = problem;
  let anyWeight = false;
  for (let guest = 0; guest < into.length; guest++) if (weights[guest] > 0) anyWeight = true;
  into.fill(0);
  let left = poolPages;
  if (anyWeight) left -= fillClass(problem, into, left, (guest) => weights[guest]);
  const rest = (guest: number): number => (anyWeight && weights[guest] > 0 ? 0 : 1);
  let wanted = 0;
  for (let guest = 0; guest < into.length; guest++) if (rest(guest) > 0) wanted += demands[guest];
  if (left > 0 && wanted > 0) fillClass(problem, into, left, rest);
}

/** Fills the guests of weight above 0. @returns pages given out */
function fillClass(
  problem: ShareProblem,
  into: Float64Array,
  pages: number,
  weightOf: (guest: number) => number,
): number {
  const { demands, usedPages, idleTaxPermille } = problem;
  const shareAt = (guest: number, level: number): number => {
    const charge = level * weightOf(guest);
    const asUsed = charge / (1000 - idleTaxPermille);
    const share = asUsed <= usedPages[guest] ? asUsed : (charge + idleTaxPermille * usedPages[guest]) / 1000;
    return Math.min(share, demands[guest]);
  };
  const sumAt = (level: number): number => {
    let sum = 0;
    for (let guest = 0; guest < into.length; guest++) if (weightOf(guest) > 0) sum += shareAt(guest, level);
    return sum;
  };
  let low = 0;
  let high = 1;
  let most = 0;
  for (let guest = 0; guest < into.length; guest++) if (weightOf(guest) > 0) most += demands[guest];
  const wanted = Math.min(pages, most);
  while (sumAt(high) < wanted * (1 - 1e-12) && high < 1e18) high *= 4;
  for (let round = 0; round < BISECTIONS && high - low > 1e-9 * high; round++) {
    const middle = (low + high) / 2;
    if (sumAt(middle) < wanted) low = middle;
    else high = middle;
  }
  let given = 0;
  for (let guest = 0; guest < into.length; guest++) {
    if (weightOf(guest) === 0) continue;
    into[guest] = shareAt(guest, high);
    given += into[guest];
  }
  return given;
}
