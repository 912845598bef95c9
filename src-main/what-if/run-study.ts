import { distanceAssumptions, runDistances } from './distances.ts';
import { runFull } from './full.ts';
import type { CandidateTape } from './candidate-tape.ts';
import { ForecastDoubt } from './forecast-doubt.ts';
import { isForFullRuns, type NamedSetting } from './changes.ts';
import { PreparedStudy } from './prepared-study.ts';
import { expectedReferences, fitsRecording } from './recording.ts';
import { runScaled } from './scaled.ts';
import { Slices } from './slices.ts';
import type { HostStart } from './start-state.ts';
import type { Alternative, AlternativeOutcome, Engine, StudyOptions, StudyStart } from './study.ts';
import { ALTERNATIVES_MAX } from './study.ts';
import { blind, StudyError } from './study-error.ts';

/** What is asked. */
export interface StudyRequest {
  readonly start: StudyStart;
  /** Host ms from the start, whole, up to a host day. */
  readonly horizonMs: number;
  /** Up to {@link ALTERNATIVES_MAX} and one without changes, the baseline; each has a name of its own. */
  readonly alternatives: readonly Alternative[];
  /** `auto`: for each alternative the cheapest engine whose answer is exact. */
  readonly engine: Engine | 'auto';
}

/** How a study is watched. */
export interface RunOptions extends StudyOptions {
  /** Told the outcome of each alternative as soon as it is there, with its place. */
  readonly onOutcome?: (outcome: AlternativeOutcome, at: number) => void;
}

export interface StudyResult {
  readonly fromMs: number;
  readonly horizonMs: number;
  /** In the order asked. */
  readonly alternatives: readonly AlternativeOutcome[];
}

/** @throws StudyError `bad-study` for an engine that does not see what the guests of this host do */
function refuseWhereBlind(engine: Exclude<Engine, 'full'>, { isEstimable, isOpenLoop }: HostStart): void {
  if (!isEstimable) throw blind(engine);
  if (isOpenLoop || engine === 'curves') return;
  throw new StudyError(
    'bad-study',
    `The engine "${engine}" takes it that nothing costs time, and on this host disks and copies do.`,
    'Use "curves" for an estimate, or "full".',
  );
}

/** Part of the pages that a scaled run looks at, where those are enough. */
const SAMPLE_RATE = 0.1;

/**
 * Runs a study: what would happen from the start to the horizon under each alternative.
 * @param prepared of the same start and horizon, with what has been made of it already
 * @throws StudyError `bad-study` for a request that makes no sense, `cancelled`; Error when the state is not of the config
 */
export async function runStudy(
  request: StudyRequest,
  options: RunOptions = {},
  prepared?: PreparedStudy,
): Promise<StudyResult> {
  const { alternatives, engine } = request;
  const changed = alternatives.filter(({ changes }) => changes.length > 0).length;
  if (alternatives.length === 0 || changed > ALTERNATIVES_MAX || alternatives.length > changed + 1) {
    throw new StudyError(
      'bad-study',
      `A study has 1 to ${ALTERNATIVES_MAX} alternatives and one without changes, not ${changed} and ${alternatives.length - changed}.`,
      'Make two studies of it.',
    );
  }
  const twice = alternatives.find(({ name }, at) => alternatives.findIndex((other) => other.name === name) !== at);
  if (twice !== undefined) {
    throw new StudyError('bad-study', `Two alternatives are called "${twice.name}".`, 'Give each a name of its own.');
  }
  const study = prepared ?? new PreparedStudy(request.start, request.horizonMs);
  const settings = alternatives.map((alternative) => study.settingOf(alternative));
  const slices = new Slices(options);
  const unchanged = alternatives.map(({ changes }) => changes.length === 0);
  const outcomes = await new StudyRun(study, settings, unchanged, slices).run(engine, options.onOutcome);
  options.onProgress?.(1);
  return { fromMs: study.parts.hostMs, horizonMs: request.horizonMs, alternatives: outcomes };
}

/** Runs the alternatives of one study one after another, with what they have in common made once. */
class StudyRun {
  private readonly study: PreparedStudy;
  private readonly settings: readonly NamedSetting[];
  /** By alternative: whether it is the baseline. */
  private readonly unchanged: readonly boolean[];
  private readonly slices: Slices;
  private tape: CandidateTape | null = null;

  constructor(study: PreparedStudy, settings: readonly NamedSetting[], unchanged: readonly boolean[], slices: Slices) {
    this.study = study;
    this.settings = settings;
    this.unchanged = unchanged;
    this.slices = slices;
  }

  async run(engine: Engine | 'auto', onOutcome?: RunOptions['onOutcome']): Promise<AlternativeOutcome[]> {
    const outcomes: AlternativeOutcome[] = [];
    const count = this.settings.length;
    const { seen } = this.study.start;
    const doubt = seen === undefined ? null : new ForecastDoubt(seen, this.study.horizonMs);
    for (const [at, named] of this.settings.entries()) {
      const chosen = engine === 'auto' ? this.engineFor(named) : engine;
      const answer = await this.runOne(chosen, named, this.slices.part(at / count, (at + 1) / count));
      const outcome = doubt === null ? answer : doubt.added(answer, this.unchanged[at] ?? false);
      outcomes.push(outcome);
      onOutcome?.(outcome, at);
    }
    return outcomes;
  }

  private async runOne(engine: Engine, named: NamedSetting, slices: Slices): Promise<AlternativeOutcome> {
    const { study } = this;
    const { parts, config } = study;
    if (engine !== 'full') {
      refuseWhereBlind(engine, parts);
      if (isForFullRuns(named.setting)) return this.runInstead(engine, named, slices);
    }
    switch (engine) {
      case 'curves':
        return (await study.curves(slices)).outcome(named);
      case 'distances': {
        this.tape ??= await study.tape(
          this.settings.map(({ setting }) => setting).filter((setting) => !isForFullRuns(setting)),
          slices.part(0, 0.7),
        );
        return runDistances(this.tape, parts, config, named, slices.part(0.7, 1));
      }
      case 'scaled': {
        const sample = await study.sample(SAMPLE_RATE, slices.part(0, 0.3));
        return sample.rate >= 1
          ? this.runOne('full', named, slices.part(0.3, 1))
          : runScaled(sample, parts, config, named, slices.part(0.3, 1));
      }
      case 'full':
        return runFull(study.start, parts, named, study.horizonMs, slices);
    }
  }

  /** A full run in place of an engine that does not follow caps or hardware, which says so. */
  private async runInstead(engine: Engine, named: NamedSetting, slices: Slices): Promise<AlternativeOutcome> {
    const outcome = await this.runOne('full', named, slices);
    const text = named.setting.isRefitted
      ? `the engine "${engine}" takes disks and CPU as they are, so full runs answer where they are others`
      : `the engine "${engine}" follows no precache caps, so full runs answer where there is one`;
    return { ...outcome, assumptions: [...outcome.assumptions, { text, held: false }] };
  }

  /** The cheapest engine that is exact for this alternative and fits into the memory. */
  private engineFor({ setting }: NamedSetting): Engine {
    const { parts, config, horizonMs } = this.study;
    if (!fitsRecording(expectedReferences(config, parts, horizonMs))) return 'full';
    if (distanceAssumptions(parts, setting).every(({ held }) => held)) return 'distances';
    return 'full';
  }
}
