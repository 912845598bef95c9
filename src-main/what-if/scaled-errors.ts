import type { HostConfig } from '../host/host-config.ts';
import type { Setting } from './changes.ts';
import type { SampledRecording } from './sampled-recording.ts';
import { DistanceStack } from './stack-distances.ts';
import { MissCurve } from './miss-curve.ts';
import type { Tally } from './tally.ts';

/** Groups that the sampled pages are dealt to, to see how much their misses differ by chance. */
const GROUPS = 32;
/**
 * Parts of the two estimates, and a least error, that make 95 % of the truths lie within: measured (test/long). They are below
 * 1 because the sample is an even one (see `sampleRecording`), whose chance errors are smaller than those of a random one.
 */
const OF_PAGES = 0.15;
const OF_SIZE = 0.5;
const ERROR_LEAST = 0.001;

/**
 * How far a scaled-down run may be off, estimated from the run itself: which pages are in the sample is chance, so its
 * misses are (the differences between random groups of its pages tell how much), and so is how many of them share a cache
 * of n sampled pages (as if the cache were n ± √n; the curve of the sample tells what that does to the misses).
 */
export class ScaledErrors {
  private readonly missesOf: Float64Array;

  constructor(guests: number) {
    this.missesOf = new Float64Array(guests * GROUPS);
  }

  /** The guest read a sampled page from the disk. */
  missed(guest: number, page: number): void {
    // The top bits of another hash than the one that chose the sample.
    this.missesOf[guest * GROUPS + (Math.imul(page ^ 0x5bd1e995, 0x9e3779b1) >>> 27)]++;
  }

  /** Writes the stated errors of a run that has ended into its tally. */
  state(tally: Tally, sample: SampledRecording, setting: Setting, config: HostConfig): void {
    const { rate, full } = sample;
    const curves = sampleCurves(sample, config);
    let error = 0;
    full.accesses.forEach((accesses, guest) => {
      if (accesses === 0 || setting.removed[guest]) return;
      const groups = this.missesOf.subarray(guest * GROUPS, (guest + 1) * GROUPS);
      const mean = groups.reduce((sum, count) => sum + count, 0) / GROUPS;
      const spread = groups.reduce((sum, count) => sum + (count - mean) ** 2, 0) / (GROUPS - 1);
      const byPages = Math.sqrt(GROUPS * spread * (1 - rate)) / rate;
      const held = setting.targetPages[guest] + tally.meanEphemeralOf(guest);
      const sway = Math.sqrt((held * (1 - rate)) / rate);
      const curve = curves[guest];
      const bySize = (curve.misses(Math.max(0, held - sway)) - curve.misses(held + sway)) / 2;
      const deviation = Math.sqrt((OF_PAGES * byPages) ** 2 + (OF_SIZE * bySize) ** 2) + ERROR_LEAST * accesses;
      tally.errors[guest] = deviation / accesses;
      error += deviation;
    });
    const all = tally.accesses.reduce((sum, count) => sum + count, 0);
    tally.hostError = all === 0 ? 0 : error / all;
  }
}

/** The curves of the guests by the sample, made once. */
function sampleCurves(sample: SampledRecording, config: HostConfig): readonly MissCurve[] {
  const known = curvesOfSample.get(sample);
  if (known !== undefined) return known;
  const curves = config.guests.map(({ trace }, guest) => {
    const stack = new DistanceStack(trace.distinctPages);
    const own = (function* () {
      for (let at = 0; at < sample.pages.length; at++) {
        if (sample.guestOf[at] === guest) yield stack.use(sample.pages[at]);
      }
    })();
    return new MissCurve(own, sample.full.accesses[guest], sample.rate);
  });
  curvesOfSample.set(sample, curves);
  return curves;
}
const curvesOfSample = new WeakMap<SampledRecording, readonly MissCurve[]>();
