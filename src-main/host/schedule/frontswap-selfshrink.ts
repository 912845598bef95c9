/** What `frontswap_selfshrink` remembers between two rounds: pages it saw last, and rounds to wait. */
export interface SelfshrinkState {
  readonly lastPages: number;
  readonly counter: number;
}

/** A kernel's static variables at boot. */
export const SELFSHRINK_START: SelfshrinkState = { lastPages: 0, counter: 0 };

export interface SelfshrinkRule {
  /** One page in so many is brought back at a time, 1 or more. */
  readonly hysteresis: number;
  /** Rounds without growth before it begins, 1 or more. */
  readonly inertia: number;
  /** Later kernels wait `inertia` rounds again after each shrink; those of the 3.1 era go on every round. */
  readonly waitsAfterShrink: boolean;
}

/**
 * One round of frontswap selfshrinking (`drivers/xen/xen-selfballoon.c`): pages come back from preswap once it has not grown for
 * some rounds, so that what was swapped out in a passing shortage does not stay there.
 * @param pages pages in preswap now
 * @returns the state for the next round, and how many pages shall be left in preswap at most (null: nothing to do)
 */
export function selfshrink(
  state: SelfshrinkState,
  pages: number,
  rule: SelfshrinkRule,
): { readonly state: SelfshrinkState; readonly shrinkTo: number | null } {
  if (pages === 0 || pages > state.lastPages) {
    return { state: { lastPages: pages, counter: rule.inertia }, shrinkTo: null };
  }
  const counter = Math.max(state.counter - 1, 0);
  if (counter !== 0) return { state: { lastPages: pages, counter }, shrinkTo: null };
  const shrinkTo = pages <= rule.hysteresis ? 0 : pages - Math.floor(pages / rule.hysteresis);
  return { state: { lastPages: pages, counter: rule.waitsAfterShrink ? rule.inertia : 0 }, shrinkTo };
}
