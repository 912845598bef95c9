import { pageHash } from './miss-curve.ts';
import type { Recording } from './recording.ts';
import type { HostStart } from './start-state.ts';

/** Fewest sampled pages that an answer can be trusted with. */
export const SAMPLED_PAGES_LEAST = 10_000;

/** What a scaled-down run replays: the references of the sampled pages, filtered once for every alternative. */
export interface SampledRecording {
  /** Part of the pages that is in the sample, above 0 to 1. */
  readonly rate: number;
  /** By guest: 1 for each page that is in the sample. */
  readonly inSample: readonly Uint8Array[];
  readonly guestOf: Uint8Array;
  readonly pages: Int32Array;
  /** For each balloon step: the sampled references before it. */
  readonly stepAt: Int32Array;
  /** Distinct pages in the sample, of all guests. */
  readonly sampledPages: number;
  readonly full: Recording;
}

/**
 * The sample of a recording: a page is in it with all its references or not at all (SHARDS: Waldspurger et al., FAST 2015).
 *
 * As the recording is there, the pages are not taken by hash alone: the pages of a guest are put in order of how often it
 * references them, equal ones by hash, and every (1/rate)-th is taken. So the sample has the guest's number of pages and
 * its popularity as they are, times the rate, and only which of the equal pages are in it is chance.
 * @param salt another sample for each
 */
export function sampleRecording(recording: Recording, start: HostStart, rate: number, salt = 0): SampledRecording {
  const { guestOf, pages, stepAt } = recording;
  const references = start.guests.map(({ distinctPages }) => new Float64Array(distinctPages));
  for (let at = 0; at < pages.length; at++) references[guestOf[at]][pages[at]]++;
  const inSample = references.map((counts, guest) => everyNth(counts, guest, rate, salt));
  let count = 0;
  for (let at = 0; at < pages.length; at++) count += inSample[guestOf[at]][pages[at]];
  const sample = { guestOf: new Uint8Array(count), pages: new Int32Array(count) };
  const steps = new Int32Array(stepAt.length);
  let next = 0;
  let step = 0;
  for (let at = 0; at < pages.length; at++) {
    while (step < steps.length && stepAt[step] <= at) steps[step++] = next;
    const guest = guestOf[at];
    if (inSample[guest][pages[at]] === 0) continue;
    sample.guestOf[next] = guest;
    sample.pages[next++] = pages[at];
  }
  while (step < steps.length) steps[step++] = next;
  let sampledPages = 0;
  inSample.forEach((own, guest) =>
    own.forEach((isIn, page) => (sampledPages += references[guest][page] > 0 ? isIn : 0)),
  );
  return { rate, inSample, ...sample, stepAt: steps, sampledPages, full: recording };
}

/** Marks every (1/rate)-th page in order of its references, the most referenced first. */
function everyNth(references: Float64Array, guest: number, rate: number, salt: number): Uint8Array {
  const isIn = new Uint8Array(references.length);
  if (rate >= 1) return isIn.fill(1);
  const hashes = Uint32Array.from(references, (_, page) => pageHash(page, guest, salt));
  const order = Int32Array.from(references, (_, page) => page).sort(
    (a, b) => references[b] - references[a] || hashes[a] - hashes[b],
  );
  const offset = pageHash(0, guest, salt + 1) / 0x1_0000_0000;
  for (let at = 0; at < order.length; at++) {
    if (Math.floor((at + 1) * rate + offset) > Math.floor(at * rate + offset)) isIn[order[at]] = 1;
  }
  return isIn;
}
