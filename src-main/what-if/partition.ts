/** A cost by the quanta given, for each guest: `costs[guest](quanta)`. */
export type Costs = readonly ((quanta: number) => number)[];

/**
 * The best way to give whole quanta of a pool to guests: dynamic programming over the guests on the raw costs, so that
 * cliffs and other curves that are not convex are found too. O(guests × quanta²).
 * @param join how the costs of guests come together: their sum, or the largest
 * @returns the quanta of each guest; all of them are given out
 */
export function bestPartition(costs: Costs, quanta: number, join: 'sum' | 'max'): Int32Array {
  let best = new Float64Array(quanta + 1).fill(Infinity);
  best[0] = join === 'sum' ? 0 : -Infinity;
  const choices: Int32Array[] = [];
  for (const cost of costs) {
    const own = Float64Array.from({ length: quanta + 1 }, (_, given) => cost(given));
    const next = new Float64Array(quanta + 1).fill(Infinity);
    const choice = new Int32Array(quanta + 1);
    for (let total = 0; total <= quanta; total++) {
      for (let given = 0; given <= total; given++) {
        const before = best[total - given];
        const value =
          before === Infinity ? Infinity : join === 'sum' ? before + own[given] : Math.max(before, own[given]);
        if (value < next[total]) {
          next[total] = value;
          choice[total] = given;
        }
      }
    }
    best = next;
    choices.push(choice);
  }
  const given = new Int32Array(costs.length);
  for (let guest = costs.length - 1, left = quanta; guest >= 0; guest--) {
    given[guest] = choices[guest][left];
    left -= given[guest];
  }
  return given;
}
