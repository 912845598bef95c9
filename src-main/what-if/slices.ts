import { StudyError } from './study-error.ts';
import type { StudyOptions } from './study.ts';

/** Longest that work keeps the event loop waiting, in wall ms. */
const SLICE_MS = 40;

/**
 * Lets long work give way: it calls {@link isDue} often and awaits {@link turn} when it says so, so that messages get in,
 * progress gets out, and a cancelled study ends within a slice.
 */
export class Slices {
  private readonly options: StudyOptions;
  private readonly from: number;
  private readonly to: number;
  private begunAt = performance.now();

  /** @param from @param to the part of the whole work (0 … 1) that is done with these slices */
  constructor(options: StudyOptions = {}, from = 0, to = 1) {
    this.options = options;
    this.from = from;
    this.to = to;
  }

  /** A part of this part: from the fraction `from` to the fraction `to` of it. */
  part(from: number, to: number): Slices {
    const width = this.to - this.from;
    return new Slices(this.options, this.from + from * width, this.from + to * width);
  }

  isDue(): boolean {
    return performance.now() - this.begunAt > SLICE_MS;
  }

  /** @param done what of this part is done, 0 to 1. @throws StudyError `cancelled` */
  async turn(done: number): Promise<void> {
    this.options.onProgress?.(this.from + done * (this.to - this.from));
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (this.options.signal?.aborted === true) throw new StudyError('cancelled', 'The study was cancelled.');
    this.begunAt = performance.now();
  }
}
