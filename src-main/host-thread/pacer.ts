import type { Speed } from '#contract/model.ts';

/** Host ms per wall ms; null = as fast as the machine allows. */
const FACTORS: Readonly<Record<Speed, number | null>> = { '1x': 1, '10x': 10, max: null };
/** Behind by more than this the pacer no longer tries to catch up: the machine slept, or is too slow. */
const FORGET_LAG_MS = 5_000;

/**
 * Says how far host time should have come. It anchors host time to wall time at every change of speed or pause, so that
 * neither adds error to the other, and forgets a lag that could not be caught up.
 */
export class Pacer {
  private anchorHostMs = 0;
  private anchorWallMs: number;
  private chosenSpeed: Speed = '1x';
  private isPaused = false;
  private readonly now: () => number;

  /** @param now monotonic wall clock in ms. */
  constructor(now: () => number) {
    this.now = now;
    this.anchorWallMs = now();
  }

  get paused(): boolean {
    return this.isPaused;
  }

  get speed(): Speed {
    return this.chosenSpeed;
  }

  /** Sets pause and speed, counted from `hostMs` on. */
  set(paused: boolean, speed: Speed, hostMs: number): void {
    this.isPaused = paused;
    this.chosenSpeed = speed;
    this.anchorHostMs = hostMs;
    this.anchorWallMs = this.now();
  }

  /** Where host time should be now, in whole host ms; Infinity where there is no limit. */
  targetMs(hostMs: number): number {
    if (this.isPaused) return hostMs;
    const factor = FACTORS[this.chosenSpeed];
    if (factor === null) return Infinity;
    return this.anchorHostMs + Math.floor((this.now() - this.anchorWallMs) * factor);
  }

  /** How many wall ms host time is behind; 0 where there is no target. */
  lagMs(hostMs: number): number {
    const factor = FACTORS[this.chosenSpeed];
    if (this.isPaused || factor === null) return 0;
    return Math.max(0, (this.targetMs(hostMs) - hostMs) / factor);
  }

  /**
   * Where the lag is beyond catching up (the machine slept), anchors anew at `hostMs`.
   * @returns the wall ms that were given up, or 0.
   */
  forgetLag(hostMs: number): number {
    const lag = this.lagMs(hostMs);
    if (lag <= FORGET_LAG_MS) return 0;
    this.set(this.isPaused, this.chosenSpeed, hostMs);
    return Math.round(lag);
  }
}
