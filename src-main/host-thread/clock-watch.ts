/** A step of the wall clock against the monotonic one that counts as setting it: more than a machine corrects by itself. */
const STEP_MS = 1_000;

/** Tells when the wall clock of the machine was set. */
export class ClockWatch {
  private readonly now: () => number;
  private readonly wallMs: () => number;
  private last: { now: number; wallMs: number };

  /** @param now monotonic clock in ms @param wallMs wall time in ms since 1970 */
  constructor(now: () => number, wallMs: () => number) {
    this.now = now;
    this.wallMs = wallMs;
    this.last = { now: now(), wallMs: wallMs() };
  }

  /** By how much it was set since the last look (0: not at all), and what it would show had it not been. */
  look(): { stepMs: number; expectedMs: number } {
    const present = { now: this.now(), wallMs: this.wallMs() };
    const expectedMs = Math.round(this.last.wallMs + present.now - this.last.now);
    const stepMs = present.wallMs - expectedMs;
    this.last = present;
    return { stepMs: Math.abs(stepMs) < STEP_MS ? 0 : stepMs, expectedMs };
  }
}
