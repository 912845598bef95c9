import type { AlternativeOutcome, StudyResult } from '#contract/studies.ts';
import { count, GAP, rateNumber } from '../format.ts';

const MINUS = '\u2212';
/** Differences below this part of the baseline, or of all accesses, are told as equal. */
const EQUAL_READS = 0.005;
const EQUAL_ACCESSES = 0.001;
/** Guests whose accesses differ by no more than this part do the same. */
const SAME_WORK = 0.01;

/** What of an outcome is compared: a guest's, or the host's. */
export interface Reads {
  readonly accesses: number;
  readonly diskReads: number;
  readonly error: number;
  readonly doubtReads?: number | undefined;
}

/** Fewer disk reads of an access are better. `equal`: less apart than the stated errors, or than matters. */
export type Verdict = 'better' | 'worse' | 'equal';

/** Whether an outcome is better than the baseline's: guests that wait do less in the same time, so the reads of an access count. */
export function verdictOf(now: Reads, before: Reads): Verdict {
  const more = readsOfAccess(now) - readsOfAccess(before);
  const least = Math.max(now.error + before.error, EQUAL_READS * readsOfAccess(before), EQUAL_ACCESSES);
  if (Math.abs(more) <= least) return 'equal';
  return more < 0 ? 'better' : 'worse';
}

function readsOfAccess({ accesses, diskReads }: Reads): number {
  return accesses === 0 ? 0 : diskReads / accesses;
}

/** {@link changeText} of disk reads; of an access, and so told, where the guests do not do the same in the same time. */
export function readsChangeText(now: Reads, before: Reads, verdict: Verdict): string {
  const isSameWork = Math.abs(now.accesses - before.accesses) <= SAME_WORK * before.accesses;
  if (isSameWork) return changeText(now.diskReads, before.diskReads, verdict);
  const change = changeText(readsOfAccess(now), readsOfAccess(before), verdict);
  return verdict === 'equal' ? change : `${change} an access`;
}

/** "▼ 22 %", "▲ ×4.1", "≈": how far from the baseline. */
export function changeText(now: number, before: number, verdict: Verdict): string {
  if (verdict === 'equal') return '≈';
  const arrow = now < before ? '▼' : '▲';
  if (before === 0) return `${arrow}${GAP}new`;
  const ratio = now / before;
  if (ratio >= 10) return `${arrow}${GAP}×${count(ratio)}`;
  const percent = Math.abs(ratio - 1) * 100;
  const sign = now < before ? MINUS : '+';
  return `${arrow}${GAP}${sign}${percent < 9.95 ? percent.toFixed(1) : count(percent)}${GAP}%`;
}

/**
 * The stated error of disk reads a second: "± 12 /s", or "exact". A forecast has another one beside it: that the guests do
 * something else than they did, by as much as what was seen before tells.
 */
export function errorText(
  { accesses, error, doubtReads }: Pick<Reads, 'accesses' | 'error' | 'doubtReads'>,
  horizonMs: number,
  kind: 'replay' | 'forecast',
): string {
  const own = error === 0 ? 'exact' : `±${GAP}${rateNumber((error * accesses * 1000) / horizonMs)}${GAP}/s`;
  if (kind === 'replay') return own;
  const rest = doubtReads === undefined ? '' : `, else ±${GAP}${rateNumber(perSecond(doubtReads, horizonMs))}${GAP}/s`;
  return `${own} if the past repeats${rest}`;
}

export function perSecond(value: number, horizonMs: number): number {
  return (value * 1000) / horizonMs;
}

/** Engines in words, for who hovers over the mark. */
export const ENGINE_WORDS: Readonly<Record<AlternativeOutcome['engine'], string>> = {
  curves: 'Estimate from the miss-ratio curves of the guests at their shares.',
  distances: "Every access's stack distance against the shares of that moment: exact where it applies.",
  scaled: 'A sample of the pages through a smaller host.',
  full: 'The host itself, run to the end: exact.',
};

/** One line about the first alternative against the baseline: what the preview, a forecast, says. */
export function previewText({ alternatives, horizonMs }: StudyResult): string | null {
  const [baseline, changed] = alternatives;
  if (baseline === undefined || changed === undefined) return null;
  const { host: before } = baseline;
  const { host: now } = changed;
  const verdict = verdictOf(now, before);
  const rates = [before, now].map(({ diskReads }) => rateNumber(perSecond(diskReads, horizonMs)));
  const error = errorText(now.error >= before.error ? now : before, horizonMs, 'forecast');
  return `disk reads ${rates.join(' → ')}${GAP}/s ${readsChangeText(now, before, verdict)}, ${error}`;
}
