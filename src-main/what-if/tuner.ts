import type { NamedSetting, Setting } from './changes.ts';
import { runFull } from './full.ts';
import { badnessOf, lossOn } from './objectives.ts';
import { PreparedStudy } from './prepared-study.ts';
import { expectedReferences, fitsRecording } from './recording.ts';
import { Slices } from './slices.ts';
import type { AlternativeOutcome, StudyChange, StudyOptions } from './study.ts';
import type { TuneRequest } from './tune-request.ts';
import { TunerSearch } from './tuner-search.ts';

export interface TuneResult {
  readonly fromMs: number;
  /** What to change; none where today's setting is already best. */
  readonly changes: readonly StudyChange[];
  readonly alreadyBest: boolean;
  /** Whether the objective's targets are met (always, where it has none). */
  readonly targetsMet: boolean;
  /** {@link badnessOf} the two full runs. */
  readonly badnessToday: number;
  readonly badness: number;
  /** Full runs of today's setting and of the recommended one. */
  readonly today: AlternativeOutcome;
  readonly recommended: AlternativeOutcome;
  /** Settings that were estimated, and of those simulated. */
  readonly estimated: number;
  readonly simulated: number;
}

/**
 * Looks for the weights (and for targets the pool) that serve an objective best. Every setting is estimated by the curves;
 * those that may be best are simulated exactly; the winner is verified by a full run, whose numbers it carries.
 *
 * Few settings are all looked at. Many are searched: from today's, from equal weights, and from the best static partition
 * of the pool, one guest's weight at a time, as long as that gains. Where curves are blind every step of the search is a full
 * run, from today's weights and equal ones.
 * @param prepared of the same start and horizon, with what has been made of it already
 * @throws StudyError `bad-study`, `cancelled`
 */
export async function tune(
  request: TuneRequest,
  options: StudyOptions = {},
  prepared?: PreparedStudy,
): Promise<TuneResult> {
  const study = prepared ?? new PreparedStudy(request.start, request.horizonMs);
  const slices = new Slices(options);
  const today = study.settingOf({ name: 'as it is', changes: [] });
  const isSeen = study.parts.isEstimable && fitsRecording(referencesOf(study));
  const curves = isSeen ? await study.curves(slices.part(0, 0.2)) : null;
  const tape = isSeen ? await study.tape([today.setting], slices.part(0.2, 0.2)) : null;
  const search = new TunerSearch({ study, curves, tape, today, request }, slices.part(isSeen ? 0.2 : 0, 0.8));
  const best = await search.find(request.weights);
  const verify = (named: NamedSetting, part: Slices): Promise<AlternativeOutcome> =>
    runFull(study.start, study.parts, named, study.horizonMs, part);
  const now = await verify(today, slices.part(0.8, 0.9));
  const changes = changesTo(study, today.setting, best);
  const found = changes.length === 0 ? now : await verify({ name: 'recommended', setting: best }, slices.part(0.9, 1));
  const loss = lossOn(study.config, study.parts);
  const badnessToday = badnessOf(request.objective, now.guests, loss);
  const badness = badnessOf(request.objective, found.guests, loss);
  options.onProgress?.(1);
  return {
    fromMs: study.parts.hostMs,
    changes,
    alreadyBest: changes.length === 0,
    targetsMet: request.objective.kind !== 'targets' || badness === 0,
    badnessToday,
    badness,
    today: now,
    recommended: { ...found, name: changes.length === 0 ? now.name : 'recommended' },
    estimated: search.judge.estimated,
    simulated: search.judge.simulated,
  };
}

function referencesOf({ config, parts, horizonMs }: PreparedStudy): number {
  return expectedReferences(config, parts, horizonMs);
}

function changesTo(study: PreparedStudy, today: Setting, best: Setting): StudyChange[] {
  const changes: StudyChange[] = study.config.guests.flatMap(({ id }, place) =>
    best.weights[place] === today.weights[place]
      ? []
      : [{ kind: 'weight' as const, guestId: id, value: best.weights[place] }],
  );
  if (best.ephemeralLimit !== today.ephemeralLimit) changes.push({ kind: 'pool-limit', pages: best.ephemeralLimit });
  return changes;
}
