import { DistanceCounts, MissCurve } from './miss-curve.ts';
import type { SampledRecording } from './sampled-recording.ts';
import { DistanceStack } from './stack-distances.ts';

/** How the references of a sample follow each other, which every setting has in common. */
export interface SampleReferences {
  /** By reference: references of the sample since the one before to the same page; 0: there is none. */
  readonly gaps: Int32Array;
  /** By guest and page: the sum of its gaps. */
  readonly between: readonly Float64Array[];
  /** By guest. */
  readonly curves: readonly MissCurve[];
}

/** Found out once for a sample. */
export function referencesOf(sample: SampledRecording): SampleReferences {
  const known = ofSample.get(sample);
  if (known !== undefined) return known;
  const { guestOf, pages, inSample, full, rate } = sample;
  const gaps = new Int32Array(pages.length);
  const between = inSample.map((own) => new Float64Array(own.length));
  const lastAt = inSample.map((own) => new Int32Array(own.length).fill(-1));
  const stacks = inSample.map((own) => new DistanceStack(own.length));
  const counts = inSample.map((own) => new DistanceCounts(own.length));
  for (let at = 0; at < pages.length; at++) {
    const guest = guestOf[at];
    const page = pages[at];
    const last = lastAt[guest][page];
    if (last >= 0) {
      gaps[at] = at - last;
      between[guest][page] += at - last;
    }
    lastAt[guest][page] = at;
    counts[guest].add(stacks[guest].use(page));
  }
  const curves = counts.map((own, guest) => new MissCurve(own, full.accesses[guest], rate));
  const references = { gaps, between, curves };
  ofSample.set(sample, references);
  return references;
}
const ofSample = new WeakMap<SampledRecording, SampleReferences>();
