import type { Setting } from './changes.ts';
import { referencesOf } from './sample-references.ts';
import type { SampledRecording } from './sampled-recording.ts';
import type { Tally } from './tally.ts';

/** Estimated deviations within which 95 % of the truths lie: more than the 1.96 of known ones. Measured over random hosts. */
const SURE = 2.05;
/**
 * Under an idle tax a share follows how it is used, so a sample that uses it a little less has a little less of it, and uses
 * that less too: the same chance moves the answer by so much more. Measured at 750 of 1000.
 */
const TAX_FEEDBACK = 1.3;
/**
 * Part of what a guest holds by which the rules of Xen may err on a sample: they decide at a threshold about which holdings sway, and in
 * a small store they sway further than in the host. The same for every sample, so no spread of a sample tells it. Measured.
 */
const OF_LATCH = 0.03;
/**
 * By how much the sum of guests is further off than if they were independent: they share one pool, so what one sample holds too long is
 * missing to the others. Without it 92 to 98 % of the sums were covered over random hosts, and not 95 everywhere.
 */
const OF_POOL = 1.2;
/** A curve's slope is taken over this many times √n on either side of n sampled pages, as steep as the curve is there. */
const SLOPE_OVER = 2;

/**
 * How far a scaled-down run may be off, estimated from the run itself, by what chance does: which of the pages of about the
 * same popularity are in the sample. A page counts twice:
 * - by the times it was read from the disk, and
 * - by the room it takes. A sample whose pages are held longer than those of the host fills its cache and share with fewer of
 *   them, so all others are read more often, by the slope of the curve there.
 *
 * The sum of the two is what a page of the sample does to the answer. Pages follow each other in the order in which they were
 * chosen, so the differences of that from each page to the next tell how much chance moves it (successive differences for a
 * systematic sample: Wolter, Introduction to Variance Estimation, 1985, chapter 7; the sum is its linearised estimator,
 * chapter 6). Samples of guests are chosen independently, so what chance does to the sum of guests adds up by squares, and a
 * little more ({@link OF_POOL}).
 *
 * Under the rules of Xen shares may settle elsewhere in a small store, alike in every sample.
 */
export class ScaledErrors {
  private readonly sample: SampledRecording;
  /** Of each reference of the sample: references since the one before to the same page; null where there is no error. */
  private readonly gaps: Int32Array | null;
  /** By guest and page: times it was read from the disk. */
  private readonly misses: readonly Float64Array[];
  /** By guest and page: the gaps at whose end it was read from the disk. */
  private readonly missedGaps: readonly Float64Array[];

  constructor(sample: SampledRecording) {
    const byPage = (): Float64Array[] => sample.inSample.map((pages) => new Float64Array(pages.length));
    this.sample = sample;
    this.gaps = sample.rate < 1 ? referencesOf(sample).gaps : null;
    this.misses = byPage();
    this.missedGaps = byPage();
  }

  /** The guest read the page of this reference of the sample from the disk. */
  missed(guest: number, page: number, at: number): void {
    if (this.gaps === null) return;
    this.misses[guest][page]++;
    this.missedGaps[guest][page] += this.gaps[at];
  }

  /** Writes the stated errors of a run that has ended into its tally. */
  state(tally: Tally, setting: Setting): void {
    const { rate, full } = this.sample;
    const { curves } = referencesOf(this.sample);
    const sure = setting.idleTaxPermille > 0 ? SURE * TAX_FEEDBACK : SURE;
    let alike = 0;
    let byChance = 0;
    full.accesses.forEach((accesses, guest) => {
      if (accesses === 0 || setting.removed[guest]) return;
      const held = setting.targetPages[guest] + tally.meanEphemeralOf(guest);
      const curve = curves[guest];
      const around = SLOPE_OVER * Math.sqrt((Math.max(1, held) * (1 - rate)) / rate);
      const slope = (curve.misses(Math.max(0, held - around)) - curve.misses(held + around)) / (2 * around);
      const chance = (sure * Math.sqrt((1 - rate) * this.varianceOf(guest, held, slope))) / rate;
      const off = setting.policy === 'xen-documented' || setting.policy === 'xen-shipped' ? OF_LATCH * held : 0;
      const byShare = (curve.misses(Math.max(0, held - off)) - curve.misses(held + off)) / 2;
      tally.errors[guest] = (byShare + chance) / accesses;
      alike += byShare;
      byChance += chance ** 2;
    });
    const all = tally.accesses.reduce((sum, count) => sum + count, 0);
    tally.hostError = all === 0 ? 0 : (alike + OF_POOL * Math.sqrt(byChance)) / all;
  }

  /**
   * Of what the sampled pages of a guest do to its sampled misses.
   * @param held pages of the guest in cache and share. @param slope misses more for each of them less
   */
  private varianceOf(guest: number, held: number, slope: number): number {
    const { rate, ranked, pages } = this.sample;
    const misses = this.misses[guest];
    const missedGaps = this.missedGaps[guest];
    const between = referencesOf(this.sample).between[guest];
    // A page is held from each use to the next, unless it was read again: then for about as long as any that is not used.
    const time = pages.length;
    let kept = 0;
    let read = 0;
    for (const page of ranked[guest]) {
      kept += between[page] - missedGaps[page];
      read += misses[page];
    }
    const unused = Math.max(0, held * rate * time - kept) / Math.max(1, read);
    let sum = 0;
    let before = NaN;
    for (const page of ranked[guest]) {
      const room = (between[page] - missedGaps[page] + unused * misses[page]) / time;
      const effect = misses[page] + slope * room;
      if (!Number.isNaN(before)) sum += (effect - before) ** 2;
      before = effect;
    }
    return sum / 2;
  }
}
