import { isSampled, sampleLimit } from './miss-curve.ts';
import type { Recording } from './recording.ts';
import type { HostStart } from './start-state.ts';

/** Fewest sampled pages that an answer can be trusted with. */
export const SAMPLED_PAGES_LEAST = 10_000;

/** What a scaled-down run replays: the references of the sampled pages, filtered once for every alternative. */
export interface SampledRecording {
  /** Part of the pages that is in the sample, above 0 to 1. */
  readonly rate: number;
  readonly limit: number;
  readonly salt: number;
  readonly guestOf: Uint8Array;
  readonly pages: Int32Array;
  /** For each balloon step: the sampled references before it. */
  readonly stepAt: Int32Array;
  /** Distinct pages in the sample, of all guests. */
  readonly sampledPages: number;
  readonly full: Recording;
}

/** The sample of a recording: by a hash of the page, so that a page is in it with all its references or not at all. */
export function sampleRecording(recording: Recording, start: HostStart, rate: number, salt = 0): SampledRecording {
  const limit = sampleLimit(rate);
  const { guestOf, pages, stepAt } = recording;
  const inSample = start.guests.map(({ distinctPages }, guest) =>
    Uint8Array.from({ length: distinctPages }, (_, page) => (isSampled(page, guest, salt, limit) ? 1 : 0)),
  );
  let count = 0;
  for (let at = 0; at < pages.length; at++) count += inSample[guestOf[at]][pages[at]];
  const sample = { guestOf: new Uint8Array(count), pages: new Int32Array(count) };
  const steps = new Int32Array(stepAt.length);
  let sampledPages = 0;
  let next = 0;
  let step = 0;
  for (let at = 0; at < pages.length; at++) {
    while (step < steps.length && stepAt[step] <= at) steps[step++] = next;
    const guest = guestOf[at];
    const seen = inSample[guest][pages[at]];
    if (seen === 0) continue;
    if (seen === 1) {
      inSample[guest][pages[at]] = 2;
      sampledPages++;
    }
    sample.guestOf[next] = guest;
    sample.pages[next++] = pages[at];
  }
  while (step < steps.length) steps[step++] = next;
  return { rate, limit, salt, ...sample, stepAt: steps, sampledPages, full: recording };
}
