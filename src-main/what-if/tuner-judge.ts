import type { CandidateTape } from './candidate-tape.ts';
import type { NamedSetting, Setting } from './changes.ts';
import type { CurveStudy } from './curves.ts';
import { distanceAssumptions, runDistances } from './distances.ts';
import { runFull } from './full.ts';
import { badnessOf, beyondAllowed, type Loss, lossOn, uncertaintyOf } from './objectives.ts';
import type { PreparedStudy } from './prepared-study.ts';
import type { Slices } from './slices.ts';
import type { AlternativeOutcome } from './study.ts';
import type { TuneRequest } from './tune-request.ts';

/** An estimate that is worse than the best by more than this many stated errors is not simulated. */
const DOUBT = 3;

/** A setting that was simulated, and how bad it is: Infinity where a guest is worse off than is allowed. */
export interface Judged {
  readonly setting: Setting;
  readonly badness: number;
}

/** What an estimate says of a setting: the best it may be in truth, and what is to be expected. */
export interface Guess {
  readonly low: number;
  readonly middle: number;
}

/** What a tuner looks at settings with. */
export interface TunerGround {
  readonly study: PreparedStudy;
  /** null where curves are blind: only full runs tell. */
  readonly curves: CurveStudy | null;
  readonly tape: CandidateTape | null;
  readonly today: NamedSetting;
  readonly request: Pick<TuneRequest, 'objective' | 'fixed' | 'worseAtMost'>;
}

/** Says how bad settings are: by the curves, and exactly, each of those once. */
export class TunerJudge {
  estimated = 0;
  simulated = 0;
  readonly loss: Loss;
  private readonly ground: TunerGround;
  /** Badness of what was simulated, by {@link keyOf}. */
  private readonly known = new Map<string, number>();
  private outcomeToday: AlternativeOutcome | null = null;

  constructor(ground: TunerGround) {
    this.ground = ground;
    this.loss = lossOn(ground.study.config, ground.study.parts);
  }

  isKnown(setting: Setting): boolean {
    return this.known.has(keyOf(setting));
  }

  /** null where curves are blind. */
  estimate(setting: Setting): Guess | null {
    const { curves, request } = this.ground;
    if (curves === null) return null;
    this.estimated++;
    const outcome = curves.outcome({ name: '', setting });
    const middle = badnessOf(request.objective, outcome.guests, this.loss);
    return { middle, low: middle - DOUBT * uncertaintyOf(request.objective, outcome, this.loss) };
  }

  /** Today's setting, which every other is compared with: it has to be simulated first. */
  async simulateToday(slices: Slices): Promise<Judged> {
    const { today } = this.ground;
    this.outcomeToday = await this.run(today.setting, slices);
    const badness = badnessOf(this.ground.request.objective, this.outcomeToday.guests, this.loss);
    this.known.set(keyOf(today.setting), badness);
    return { setting: today.setting, badness };
  }

  /** What really happens, once for all settings that come to the same. */
  async simulate(setting: Setting, slices: Slices): Promise<Judged> {
    const key = keyOf(setting);
    let badness = this.known.get(key);
    if (badness === undefined) {
      const { guests } = await this.run(setting, slices);
      badness = this.isAllowed(guests) ? badnessOf(this.ground.request.objective, guests, this.loss) : Infinity;
      this.known.set(key, badness);
    }
    return { setting, badness };
  }

  private isAllowed(guests: AlternativeOutcome['guests']): boolean {
    const { worseAtMost: most = null } = this.ground.request;
    if (most === null || this.outcomeToday === null) return true;
    return beyondAllowed({ most, today: this.outcomeToday }, guests) <= 0;
  }

  private run(setting: Setting, slices: Slices): Promise<AlternativeOutcome> {
    this.simulated++;
    const { study, tape } = this.ground;
    const { parts, config, start, horizonMs } = study;
    const named = { name: '', setting };
    const isExact = tape !== null && distanceAssumptions(parts, setting).every(({ held }) => held);
    return isExact ? runDistances(tape, parts, config, named, slices) : runFull(start, parts, named, horizonMs, slices);
  }
}

/** Settings with the same key come to the same under every policy that looks at ratios of weights. */
export function keyOf({ weights, ephemeralLimit, policy }: Setting): string {
  const divisor = policy === 'max-over-share' ? weights.reduce(greatestDivisor, 0) || 1 : 1;
  return `${ephemeralLimit} ${weights.map((weight) => weight / divisor).join(' ')}`;
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
