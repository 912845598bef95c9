import { pageHash } from './miss-curve.ts';
import { type Cut, cutsOfPart, type Recording } from './recording.ts';
import { Slices } from './slices.ts';
import type { HostStart } from './start-state.ts';

/** Fewest sampled pages that an answer can be trusted with. */
export const SAMPLED_PAGES_LEAST = 10_000;

/** What a scaled-down run replays: the references of the sampled pages, filtered once for every alternative. */
export interface SampledRecording {
  /** Part of the pages that is in the sample, above 0 to 1. */
  readonly rate: number;
  /** By guest: 1 for each page that is in the sample. */
  readonly inSample: readonly Uint8Array[];
  /** By guest: the sampled pages in the order in which they were chosen, the most referenced first. */
  readonly ranked: readonly Int32Array[];
  readonly guestOf: Uint8Array;
  readonly pages: Int32Array;
  /** For each balloon step: the sampled references before it. */
  readonly stepAt: Int32Array;
  /** As {@link Recording.cuts}, among the sampled references. */
  readonly cuts: readonly Cut[];
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
export async function sampleRecording(
  recording: Recording,
  start: HostStart,
  { rate, salt = 0 }: { readonly rate: number; readonly salt?: number },
  slices = new Slices(),
): Promise<SampledRecording> {
  const { guestOf, pages, stepAt, cuts } = recording;
  const references = start.guests.map(({ distinctPages }) => new Float64Array(distinctPages));
  for (let at = 0; at < pages.length; at++) references[guestOf[at]][pages[at]]++;
  const ranked: Int32Array[] = [];
  for (const [guest, counts] of references.entries()) {
    await slices.turn(guest / references.length);
    ranked.push(everyNth(counts, guest, rate, salt));
  }
  await slices.turn(1);
  const inSample = references.map((counts, guest) => {
    const isIn = new Uint8Array(counts.length);
    for (const page of ranked[guest]) isIn[page] = 1;
    return isIn;
  });
  let count = 0;
  for (let at = 0; at < pages.length; at++) count += inSample[guestOf[at]][pages[at]];
  const sample = { guestOf: new Uint8Array(count), pages: new Int32Array(count) };
  const steps = new Int32Array(stepAt.length);
  const cutAt = new Map<number, number>();
  let next = 0;
  let step = 0;
  let cut = 0;
  for (let at = 0; at < pages.length; at++) {
    while (step < steps.length && stepAt[step] <= at) steps[step++] = next;
    while (cut < cuts.length && cuts[cut].at <= at) cutAt.set(cuts[cut++].at, next);
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
  const cutsOfSample = cutsOfPart(cuts, (at) => cutAt.get(at) ?? next);
  return { rate, inSample, ranked, ...sample, stepAt: steps, cuts: cutsOfSample, sampledPages, full: recording };
}

/** Every (1/rate)-th page in order of its references, the most referenced first. */
function everyNth(references: Float64Array, guest: number, rate: number, salt: number): Int32Array {
  if (rate >= 1) return Int32Array.from(references, (_, page) => page);
  const most = references.reduce((largest, count) => Math.max(largest, count), 0);
  const key = pageHash(0, guest, salt);
  // Numbers sort much faster than pages by a comparison: the count above, the page in disguise below.
  const order = references.map((count, page) => Math.min(COUNTS_MAX, most - count) * DISGUISES + disguised(page, key));
  order.sort();
  const offset = pageHash(0, guest, salt + 1) / DISGUISES;
  const taken = order.filter((_, at) => Math.floor((at + 1) * rate + offset) > Math.floor(at * rate + offset));
  return Int32Array.from(taken, (both) => revealed(both % DISGUISES, key));
}

/** 2^32, and the largest number that can stand above one in a double. */
const DISGUISES = 0x1_0000_0000;
const COUNTS_MAX = 2 ** 21 - 1;
/** Odd numbers and their inverses modulo 2^32. */
const FIRST = 0x9e3779b1;
const SECOND = 0x85ebca6b;
const FIRST_BACK = inverseOf(FIRST);
const SECOND_BACK = inverseOf(SECOND);

/** Gives each page a number from 0 to 2^32 − 1 of its own, as if by chance: each step can be taken back. */
function disguised(page: number, key: number): number {
  let mixed = Math.imul(page ^ key, FIRST);
  mixed = Math.imul(mixed ^ (mixed >>> 16), SECOND);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** The page that {@link disguised} gave this number. */
function revealed(disguise: number, key: number): number {
  let mixed = Math.imul(disguise ^ (disguise >>> 16), SECOND_BACK);
  mixed = Math.imul(mixed ^ (mixed >>> 16), FIRST_BACK);
  return mixed ^ key;
}

/** Newton's steps double the bits that are right. */
function inverseOf(odd: number): number {
  let inverse = odd;
  for (let step = 0; step < 5; step++) inverse = Math.imul(inverse, 2 - Math.imul(odd, inverse));
  return inverse;
}
