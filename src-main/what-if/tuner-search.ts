import type { Setting } from './changes.ts';
import { badnessOf } from './objectives.ts';
import { bestPartition } from './partition.ts';
import type { Slices } from './slices.ts';
import { StudyError } from './study-error.ts';
import { type Guess, type Judged, keyOf, type TunerGround, TunerJudge } from './tuner-judge.ts';

/** Quanta of the pool in the dynamic programme. */
const QUANTA = 1_000;
/** Most weight vectors that are all looked at; more are searched. */
const ENUMERATED = 4_096;
const WEIGHT_MAX = 65_535;
/** Weights that a partition is written in. */
const WEIGHT_OF_POOL = 10_000;
const STEPS = [2, 0.5, 1.25, 0.8];
const ROUNDS = 30;
/** Neighbours of a round that are simulated: those that look best, or where nothing tells them apart all. */
const TRIED = 8;
/** Most simulations of a search. */
const SIMULATIONS = 44;

/** The search of a tuner: settings are estimated by curves and, where they may be best, simulated exactly. */
export class TunerSearch {
  readonly judge: TunerJudge;
  private readonly ground: TunerGround;
  private readonly today: Setting;
  private readonly slices: Slices;
  /** Guests that are there, and those whose weight may be changed. */
  private readonly present: readonly number[];
  private readonly guests: readonly number[];

  constructor(ground: TunerGround, slices: Slices) {
    this.ground = ground;
    this.judge = new TunerJudge(ground);
    this.today = ground.today.setting;
    this.slices = slices;
    const { removed, weights } = this.today;
    this.present = weights.map((_, place) => place).filter((place) => !removed[place]);
    const { fixed = [] } = ground.request;
    this.guests = this.present.filter((place) => !fixed.includes(ground.study.config.guests[place].id));
  }

  /** @param weights that each guest may be given; null: any. @returns the best setting found, today's where none is better */
  async find(weights: readonly number[] | null): Promise<Setting> {
    const { objective } = this.ground.request;
    const first = await this.judge.simulateToday(this.nextPart());
    if (objective.kind === 'targets') return this.findSmallestPool(objective.readsPerAccess, first);
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
    const guesses: ({ readonly setting: Setting } & Guess)[] = [];
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
      // Without curves nothing may be left out.
      guesses.push({ setting, ...(this.judge.estimate(setting) ?? { low: -Infinity, middle: 0 }) });
      if (this.slices.isDue()) await this.slices.turn((0.5 * number) / count);
    }
    guesses.sort((a, b) => a.middle - b.middle);
    let best = first;
    for (const [at, { setting, low }] of guesses.entries()) {
      if (low > best.badness) continue;
      const from = 0.5 + (0.5 * at) / guesses.length;
      const judged = await this.judge.simulate(setting, this.slices.part(from, from + 0.5 / guesses.length));
      if (judged.badness < best.badness) best = judged;
      await this.slices.turn(from);
    }
    return best;
  }

  /** Goes from the best of some start points to better neighbours, one guest's weight at a time. */
  private async climb(first: Judged): Promise<Judged> {
    let best = first;
    for (const weights of [this.equalWeights(), this.partitionWeights()]) {
      if (weights === null) continue;
      const judged = await this.judge.simulate({ ...this.today, weights }, this.nextPart());
      if (judged.badness < best.badness) best = judged;
    }
    for (let round = 0; round < ROUNDS && this.judge.simulated < SIMULATIONS; round++) {
      const better = await this.betterNeighbour(best);
      if (better === null) return best;
      best = better;
    }
    return best;
  }

  private async betterNeighbour(from: Judged): Promise<Judged | null> {
    const { judge } = this;
    const neighbours: ({ readonly setting: Setting } & Guess)[] = [];
    for (const step of STEPS) {
      for (const guest of this.guests) {
        const weights = [...from.setting.weights];
        weights[guest] = Math.max(1, Math.min(WEIGHT_MAX, Math.round(weights[guest] * step)));
        const setting = { ...from.setting, weights };
        if (judge.isKnown(setting)) continue;
        neighbours.push({ setting, ...(judge.estimate(setting) ?? { low: -Infinity, middle: 0 }) });
        if (this.slices.isDue()) await this.slices.turn(this.done());
      }
    }
    neighbours.sort((a, b) => a.middle - b.middle);
    for (const { setting, low } of this.ground.curves === null ? neighbours : neighbours.slice(0, TRIED)) {
      if (low >= from.badness || judge.simulated >= SIMULATIONS) continue;
      const judged = await judge.simulate(setting, this.nextPart());
      if (judged.badness < from.badness) return judged;
    }
    return null;
  }

  /** The smallest pool, by the curves where they see it and then by simulations, in which every target is met. */
  private async findSmallestPool(targets: ReadonlyMap<number, number>, unchanged: Judged): Promise<Setting> {
    const { curves, study } = this.ground;
    const pool = curves?.poolPages(this.today) ?? study.config.totalPages - study.config.reservedPages;
    const quantum = Math.max(1, Math.ceil(pool / QUANTA));
    const weights = this.weightsForTargets(targets);
    const at = async (pages: number): Promise<Judged> =>
      this.judge.simulate({ ...this.today, weights, ephemeralLimit: Math.min(pages, pool) }, this.nextPart());
    let low = 0;
    let high = pool;
    let best = await at(high);
    if (best.badness > 0) return unchanged.badness <= best.badness ? this.today : best.setting;
    while (high - low > quantum) {
      const middle = Math.floor((low + high) / 2);
      const judged = await at(middle);
      if (judged.badness === 0) {
        best = judged;
        high = middle;
      } else {
        low = middle;
      }
    }
    return best.setting;
  }

  /** Weights in proportion to what each guest needs for its target; today's where curves are blind. */
  private weightsForTargets(targets: ReadonlyMap<number, number>): number[] {
    const { weights } = this.today;
    if (this.ground.curves === null) return [...weights];
    const needed = weights.map((_, place) => this.needOf(place, targets));
    const most = Math.max(1, ...needed.filter((pages) => pages < Infinity));
    // A guest without a target takes what is left over: the least weight.
    const wanted = needed.map((pages) => Math.max(1, Math.round((WEIGHT_OF_POOL * Math.min(pages, most)) / most)));
    return this.besideFixed(wanted);
  }

  /** The share with which a guest's curve meets its target: 0 without one, all it can use where nothing does. */
  private needOf(place: number, targets: ReadonlyMap<number, number>): number {
    const target = targets.get(this.ground.study.config.guests[place].id);
    const curve = this.ground.curves?.curves[place];
    if (target === undefined || curve === undefined || this.today.removed[place]) return 0;
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
    return this.besideFixed(this.today.weights.map((weight, place) => (this.today.removed[place] ? weight : 100)));
  }

  /** Weights that give each guest its part of the best static partition of the pool; null where curves are blind. */
  private partitionWeights(): number[] | null {
    const { curves, study, request } = this.ground;
    if (curves === null) return null;
    const { objective } = request;
    const quantum = curves.poolPages(this.today) / QUANTA;
    const costs = this.present.map((place) => (quanta: number) => {
      const curve = curves.curves[place];
      const diskReads = curve.misses(this.today.targetPages[place] + Math.floor(quanta * quantum));
      return badnessOf(objective, [{ guestId: study.config.guests[place].id, accesses: curve.accesses, diskReads }]);
    });
    const given = bestPartition(costs, QUANTA, objective.kind === 'throughput' ? 'sum' : 'max');
    const weights = [...this.today.weights];
    this.present.forEach((place, at) => {
      weights[place] = Math.max(1, Math.round((given[at] * WEIGHT_OF_POOL) / QUANTA));
    });
    return this.besideFixed(weights);
  }

  /** Wanted weights as they stand beside those that stay: the same ratios, in the scale of the fixed ones. */
  private besideFixed(wanted: readonly number[]): number[] {
    const fixed = this.present.filter((place) => !this.guests.includes(place));
    if (fixed.length === 0) return [...wanted];
    const sum = (weights: readonly number[]): number => fixed.reduce((total, place) => total + weights[place], 0);
    const scale = sum(this.today.weights) / Math.max(1, sum(wanted));
    const weights = [...this.today.weights];
    for (const place of this.guests) {
      weights[place] = Math.max(1, Math.min(WEIGHT_MAX, Math.round(wanted[place] * scale)));
    }
    return weights;
  }

  /** How far the search is at the least: it may end with fewer simulations. */
  private done(): number {
    return Math.min(1, this.judge.simulated / SIMULATIONS);
  }

  private nextPart(): Slices {
    const from = this.done();
    return this.slices.part(from, Math.min(1, from + 1 / SIMULATIONS));
  }
}
