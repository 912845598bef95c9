import type { HostConfig } from '../host/host-config.ts';
import type { Setting } from './changes.ts';
import type { SampledRecording } from './sampled-recording.ts';
import { DistanceStack } from './stack-distances.ts';
import { DistanceCounts, MissCurve } from './miss-curve.ts';
import type { Tally } from './tally.ts';

/** Estimated deviations within which 95 % of the truths lie: more than the 1.96 of known ones. */
const SURE = 2.2;
/**
 * Part of √n by which the number of sampled pages in a cache of n goes up and down: a sample that is even by popularity has
 * those that are always in or never as they should be, and only those in between by chance. Measured over random hosts.
 */
const OF_SIZE = 0.2;
/**
 * Part of what a guest holds by which the rules of Xen may err on a sample: they decide at a threshold about which holdings sway, and in
 * a small store they sway further than in the host. The same for every sample, so no spread of a sample tells it. Measured.
 */
const OF_LATCH = 0.03;

/**
 * How far a scaled-down run may be off, estimated from the run itself, by what chance does:
 * - which of the pages of about the same popularity are in the sample. They follow each other in the order in which it was
 *   chosen, so the differences of misses from each page to the next tell how much they differ (successive differences for a
 *   systematic sample: Wolter, Introduction to Variance Estimation, 1985, chapter 7);
 * - under the rules of Xen, by shares that settle elsewhere in a small store;
 * - how many of the sampled pages share a cache of n: as if the cache were n ± √n. The curve of the sample tells what that does.
 */
export class ScaledErrors {
  /** By guest and page: times it was read from the disk. */
  private readonly misses: readonly Float64Array[];

  constructor(inSample: readonly Uint8Array[]) {
    this.misses = inSample.map((pages) => new Float64Array(pages.length));
  }

  /** The guest read a sampled page from the disk. */
  missed(guest: number, page: number): void {
    this.misses[guest][page]++;
  }

  /** Writes the stated errors of a run that has ended into its tally. */
  state(tally: Tally, sample: SampledRecording, setting: Setting, config: HostConfig): void {
    const { rate, full } = sample;
    const curves = sampleCurves(sample, config);
    let error = 0;
    full.accesses.forEach((accesses, guest) => {
      if (accesses === 0 || setting.removed[guest]) return;
      const byPages = Math.sqrt((1 - rate) * this.varianceOf(sample.ranked[guest], guest)) / rate;
      const held = setting.targetPages[guest] + tally.meanEphemeralOf(guest);
      const sway = Math.sqrt((held * (1 - rate)) / rate);
      const curve = curves[guest];
      const bySize = (curve.misses(Math.max(0, held - sway)) - curve.misses(held + sway)) / 2;
      const off = setting.policy === 'xen-documented' || setting.policy === 'xen-shipped' ? OF_LATCH * held : 0;
      const byShare = (curve.misses(Math.max(0, held - off)) - curve.misses(held + off)) / 2;
      const deviation = byShare + SURE * Math.sqrt(byPages ** 2 + (OF_SIZE * bySize) ** 2);
      tally.errors[guest] = deviation / accesses;
      error += deviation;
    });
    const all = tally.accesses.reduce((sum, count) => sum + count, 0);
    tally.hostError = all === 0 ? 0 : error / all;
  }

  private varianceOf(ranked: Int32Array, guest: number): number {
    const misses = this.misses[guest];
    let sum = 0;
    for (let at = 1; at < ranked.length; at++) sum += (misses[ranked[at]] - misses[ranked[at - 1]]) ** 2;
    return sum / 2;
  }
}

/** The curves of the guests by the sample, made once. */
function sampleCurves(sample: SampledRecording, config: HostConfig): readonly MissCurve[] {
  const known = curvesOfSample.get(sample);
  if (known !== undefined) return known;
  const curves = config.guests.map(({ trace }, guest) => {
    const stack = new DistanceStack(trace.distinctPages);
    const counts = new DistanceCounts(trace.distinctPages);
    for (let at = 0; at < sample.pages.length; at++) {
      if (sample.guestOf[at] === guest) counts.add(stack.use(sample.pages[at]));
    }
    return new MissCurve(counts, sample.full.accesses[guest], sample.rate);
  });
  curvesOfSample.set(sample, curves);
  return curves;
}
const curvesOfSample = new WeakMap<SampledRecording, readonly MissCurve[]>();
