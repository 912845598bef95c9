import type { Exploration, StudyOrder, StudyResult } from '#contract/studies.ts';
import { isForFullRuns } from '../what-if/changes.ts';
import type { PreparedStudy } from '../what-if/prepared-study.ts';
import { expectedReferences, fitsRecording } from '../what-if/recording.ts';
import { runStudy } from '../what-if/run-study.ts';
import { Slices } from '../what-if/slices.ts';
import type { StudyOptions } from '../what-if/study.ts';
import { StudyError } from '../what-if/study-error.ts';
import { explore } from './explore.ts';

/** What is told before the best answer is there. */
export interface Estimate {
  readonly result: StudyResult;
  /** What the curves say beside the alternatives; null where there are none. */
  readonly exploration: Exploration | null;
}

/** What the curves say of the alternatives, and beside them; null where they do not see what the guests do or a cap, or the time is too long for them. */
export async function estimate(
  study: PreparedStudy,
  { horizonMs, alternatives }: Pick<StudyOrder, 'horizonMs' | 'alternatives'>,
  options: StudyOptions = {},
): Promise<Estimate | null> {
  if (!isEstimable(study)) return null;
  const settings = alternatives.map((alternative) => study.settingOf(alternative));
  if (settings.some(({ setting }) => isForFullRuns(setting))) return null;
  const curves = await study.curves(new Slices(options));
  const outcomes = settings.map((setting) => curves.outcome(setting));
  const result = { fromMs: study.parts.hostMs, horizonMs, alternatives: outcomes } as StudyResult;
  return { result, exploration: explore(study, curves) };
}

/**
 * An answer from another stretch than the one that is asked for: by the curves, or where they are blind by full runs.
 * Null where an alternative makes no sense there; the whole study will say so if it does not either.
 */
export async function answerFirst(study: PreparedStudy, order: StudyOrder): Promise<Estimate | null> {
  const { horizonMs, start } = study;
  const { alternatives } = order;
  try {
    const estimated = await estimate(study, { ...order, horizonMs });
    if (estimated !== null) return estimated;
    const result = await runStudy({ start, horizonMs, alternatives, engine: 'full' }, {}, study);
    return { result: result as StudyResult, exploration: null };
  } catch (error) {
    if (error instanceof StudyError && error.code === 'bad-study') return null;
    throw error;
  }
}

/**
 * What the curves say beside alternatives that they do not answer themselves, as some guest is given a cap in one; null where
 * they are blind altogether.
 */
export async function explored(study: PreparedStudy, options: StudyOptions = {}): Promise<Exploration | null> {
  return isEstimable(study) ? explore(study, await study.curves(new Slices(options))) : null;
}

function isEstimable({ parts, config, horizonMs }: PreparedStudy): boolean {
  return parts.isEstimable && fitsRecording(expectedReferences(config, parts, horizonMs));
}
