/**
 * How many of its pages each client used effectively of late, for the idle tax: its get hits, decaying over a window.
 *
 *   each host second: used = ⌊used · (W − 1) / W⌋ + hits of the second        W = window in host seconds
 *
 * Whole numbers only. A client with a steady h hits a second settles at about h·W, so one that re-reads each of its
 * pages once within the window counts as using all of them (policies cap `used` at the pages held). A client that stops
 * falls by 1/W a second, to half in about 0.7·W.
 */
export class IdleUse {
  /** The window in host seconds. */
  readonly windowSeconds: number;

  constructor(windowSeconds: number) {
    this.windowSeconds = windowSeconds;
  }

  /** The next value of `used`, given the hits of the second that ended. */
  next(used: number, hits: number): number {
    return Math.floor((used * (this.windowSeconds - 1)) / this.windowSeconds) + hits;
  }
}
