import type { AlternativeOutcome } from './study.ts';

/** Disk reads that differ by less than this part of the baseline's, or of all accesses, are told as equal. */
const EQUAL_READS = 0.005;
const EQUAL_ACCESSES = 0.001;

/** How a guest fares under an alternative, against the baseline: `unsure` where the stated errors are larger than what differs. */
export type Verdict = 'better' | 'worse' | 'same' | 'unsure';

/** How each guest fares, in order of id: who wins and who loses. */
export function verdictsOf(outcome: AlternativeOutcome, baseline: AlternativeOutcome): Verdict[] {
  return outcome.guests.map((guest, place): Verdict => {
    const before = baseline.guests[place];
    if (guest.accesses === 0 || before.accesses === 0) return 'same';
    // Guests that wait do less in the same time, so it is the reads of an access that count.
    const more = guest.diskReads / guest.accesses - before.diskReads / before.accesses;
    const least = Math.max((EQUAL_READS * before.diskReads) / before.accesses, EQUAL_ACCESSES);
    if (Math.abs(more) <= least) return 'same';
    // Errors of alternatives go together for the most part; that they add up is the worst case.
    if (Math.abs(more) <= guest.error + before.error) return 'unsure';
    return more < 0 ? 'better' : 'worse';
  });
}
