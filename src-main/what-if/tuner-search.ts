import type { CandidateTape } from './candidate-tape.ts';
import type { Setting } from './changes.ts';
import type { CurveStudy } from './curves.ts';
import { distanceAssumptions, runDistances } from './distances.ts';
import { runFull } from './full.ts';
import { badnessOf, type Objective, uncertaintyOf } from './objectives.ts';
import { bestPartition } from './partition.ts';
import type { PreparedStudy } from './prepared-study.ts';
import type { Slices } from './slices.ts';
import { StudyError } from './study-error.ts';

/** Quanta of the pool in the dynamic programme. */
const QUANTA = 1_000;
/** Most weight vectors that are all looked at; more are searched. */
const ENUMERATED = 4_096;
/** An estimate that is worse than the best by more than this many stated errors is not simulated. */
const DOUBT = 3;
const WEIGHT_MAX = 65_535;
/** Weights that a partition is written in. */
const WEIGHT_OF_POOL = 10_000;
const STEPS = [0.5, 0.8, 1.25, 2];
const ROUNDS = 30;
/** Neighbours of a round that are simulated: those that look best. */
const TRIED = 8;
/** Most simulations of a search, the start points not counted. */
const SIMULATIONS = 40;

/** A setting with what is known about it. */
interface Judged {
  readonly setting: Setting;
  readonly badness: number;
}

/** The search of a tuner: settings are estimated by curves and, where they may be best, simulated exactly. */
export class TunerSearch {
  estimated = 0;
  simulated = 0;
  private readonly study: PreparedStudy;
  private readonly curves: CurveStudy;
  private readonly tape: CandidateTape;
  private readonly today: Setting;
  private readonly objective: Objective;
  private readonly slices: Slices;
  /** Badness of what was simulated, by {@link keyOf}. */
  private readonly known = new Map<string, number>();
  private readonly guests: readonly number[];

  constructor(
    ...[study, curves, tape, today, objective, slices]: [
      PreparedStudy,
      CurveStudy,
      CandidateTape,
      Setting,
      Objective,
      Slices,
    ]
  ) {
    this.study = study;
    this.curves = curves;
    this.tape = tape;
    this.today = today;
    this.objective = objective;
    this.slices = slices;
    // Guests that are there: the others have no weight to give.
    this.guests = today.weights.map((_, place) => place).filter((place) => !today.removed[place]);
  }

  /** @param weights that each guest may be given; null: any. @returns the best setting found, today's where none is better */
  async find(weights: readonly number[] | null): Promise<Setting> {
    if (this.objective.kind === 'targets') return this.findSmallestPool(this.objective.readsPerAccess);
    const first = await this.simulate(this.today);
    if (weights === null) return (await this.climb(first)).setting;
    if (weights.length ** this.guests.length > ENUMERATED) {
      throw new StudyError(
        'bad-study',
        `${weights.length} weights for each of ${this.guests.length} guests are more than ${ENUMERATED} settings.`,
        'Give fewer weights, or none to search freely.',
      );
    }
    return (await this.lookAtAll(weights, first)).setting;
  }

  /** Estimates every combination, and simulates in order of the estimates all that may still be better than the best. */
  private async lookAtAll(weights: readonly number[], first: Judged): Promise<Judged> {
    const seen = new Set<string>();
    const estimates: { setting: Setting; low: number; middle: number }[] = [];
    const count = weights.length ** this.guests.length;
    for (let number = 0; number < count; number++) {
      const chosen = [...this.today.weights];
      let digits = number;
      for (const guest of this.guests) {
        chosen[guest] = weights[digits % weights.length];
        digits = Math.floor(digits / weights.length);
      }
      const setting = { ...this.today, weights: chosen };
      const key = keyOf(setting);
      if (seen.has(key)) continue;
      seen.add(key);
      estimates.push({ setting, ...this.estimate(setting) });
      if (this.slices.isDue()) await this.slices.turn((0.5 * number) / count);
    }
    estimates.sort((a, b) => a.middle - b.middle);
    let best = first;
    for (const [at, { setting, low }] of estimates.entries()) {
      if (low > best.badness) continue;
      const judged = await this.simulate(setting);
      if (judged.badness < best.badness) best = judged;
      await this.slices.turn(0.5 + (0.5 * at) / estimates.length);
    }
    return best;
  }

  /** Goes from the best of some start points to better neighbours, one guest's weight at a time. */
  private async climb(first: Judged): Promise<Judged> {
    let best = first;
    for (const weights of [this.equalWeights(), this.partitionWeights()]) {
      const judged = await this.simulate({ ...this.today, weights });
      if (judged.badness < best.badness) best = judged;
    }
    const most = this.simulated + SIMULATIONS;
    for (let round = 0; round < ROUNDS && this.simulated < most; round++) {
      const better = await this.betterNeighbour(best, most, round / ROUNDS);
      if (better === null) return best;
      best = better;
    }
    return best;
  }

  private async betterNeighbour(from: Judged, most: number, done: number): Promise<Judged | null> {
    const neighbours: { setting: Setting; low: number; middle: number }[] = [];
    for (const guest of this.guests) {
      for (const step of STEPS) {
        const weights = [...from.setting.weights];
        weights[guest] = Math.max(1, Math.min(WEIGHT_MAX, Math.round(weights[guest] * step)));
        const setting = { ...from.setting, weights };
        if (this.known.has(keyOf(setting))) continue;
        neighbours.push({ setting, ...this.estimate(setting) });
        if (this.slices.isDue()) await this.slices.turn(done);
      }
    }
    neighbours.sort((a, b) => a.middle - b.middle);
    for (const { setting, low } of neighbours.slice(0, TRIED)) {
      if (low >= from.badness || this.simulated >= most) continue;
      const judged = await this.simulate(setting);
      if (judged.badness < from.badness) return judged;
    }
    return null;
  }

  /** The smallest pool, by the curves and then by simulations, in which every target is met. */
  private async findSmallestPool(targets: ReadonlyMap<number, number>): Promise<Setting> {
    const pool = this.curves.poolPages(this.today);
    const quantum = Math.max(1, Math.ceil(pool / QUANTA));
    const needs = this.today.weights.map((_, place) => this.needOf(place, targets));
    const weightsFor = (needed: readonly number[]): number[] => {
      const most = Math.max(1, ...needed.filter((pages) => pages < Infinity));
      // A guest without a target takes what is left over: the least weight.
      return needed.map((pages) => Math.max(1, Math.round((WEIGHT_OF_POOL * Math.min(pages, most)) / most)));
    };
    const weights = weightsFor(needs);
    const at = async (pages: number): Promise<Judged> =>
      this.simulate({ ...this.today, weights, ephemeralLimit: Math.min(pages, pool) });
    let low = 0;
    let high = pool;
    let best = await at(high);
    const unchanged = await this.simulate(this.today);
    if (best.badness > 0) return unchanged.badness <= best.badness ? this.today : best.setting;
    while (high - low > quantum) {
      const middle = Math.floor((low + high) / 2);
      const judged = await at(middle);
      await this.slices.turn(1 - (high - low) / pool);
      if (judged.badness === 0) {
        best = judged;
        high = middle;
      } else {
        low = middle;
      }
    }
    return best.setting;
  }

  /** The share with which a guest's curve meets its target: 0 without one, all it can use where nothing does. */
  private needOf(place: number, targets: ReadonlyMap<number, number>): number {
    const target = targets.get(this.study.config.guests[place].id);
    const curve = this.curves.curves[place];
    if (target === undefined || this.today.removed[place]) return 0;
    const ram = this.today.targetPages[place];
    let low = 0;
    let high = Math.max(0, curve.largestUseful - ram);
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (curve.misses(ram + middle) <= target * curve.accesses) high = middle;
      else low = middle + 1;
    }
    return high;
  }

  private equalWeights(): number[] {
    return this.today.weights.map((weight, place) => (this.today.removed[place] ? weight : 100));
  }

  /** Weights that give each guest its part of the best static partition of the pool. */
  private partitionWeights(): number[] {
    const pool = this.curves.poolPages(this.today);
    const quantum = pool / QUANTA;
    const { objective, curves, today, study } = this;
    const costs = this.guests.map((place) => (quanta: number) => {
      const curve = curves.curves[place];
      const diskReads = curve.misses(today.targetPages[place] + Math.floor(quanta * quantum));
      return badnessOf(objective, [{ guestId: study.config.guests[place].id, accesses: curve.accesses, diskReads }]);
    });
    const given = bestPartition(costs, QUANTA, objective.kind === 'throughput' ? 'sum' : 'max');
    const weights = [...today.weights];
    this.guests.forEach((place, at) => {
      weights[place] = Math.max(1, Math.round((given[at] * WEIGHT_OF_POOL) / QUANTA));
    });
    return weights;
  }

  /** What the curves say, and the best it may be in truth. */
  private estimate(setting: Setting): { low: number; middle: number } {
    this.estimated++;
    const outcome = this.curves.outcome({ name: '', setting });
    const middle = badnessOf(this.objective, outcome.guests);
    return { middle, low: middle - DOUBT * uncertaintyOf(this.objective, outcome) };
  }

  /** What really happens, once for all settings that come to the same. */
  private async simulate(setting: Setting): Promise<Judged> {
    const key = keyOf(setting);
    let badness = this.known.get(key);
    if (badness === undefined) {
      this.simulated++;
      const { parts, config, start, horizonMs } = this.study;
      const named = { name: '', setting };
      const exact = distanceAssumptions(parts, setting).every(({ held }) => held);
      // Of a simulation only its end is told: a search does not know how many there will be.
      const outcome = exact
        ? await runDistances(this.tape, parts, config, named, this.slices.part(0, 0))
        : await runFull(start, parts, named, horizonMs, this.slices.part(0, 0));
      badness = badnessOf(this.objective, outcome.guests);
      this.known.set(key, badness);
    }
    return { setting, badness };
  }
}

/** Settings with the same key come to the same under every policy that looks at ratios of weights. */
function keyOf({ weights, ephemeralLimit, policy }: Setting): string {
  const divisor = policy === 'max-over-share' ? weights.reduce(greatestDivisor, 0) || 1 : 1;
  return `${ephemeralLimit} ${weights.map((weight) => weight / divisor).join(' ')}`;
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
