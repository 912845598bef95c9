import type { HostConfig } from '../host/host-config.ts';
import type { Setting } from './changes.ts';
import { storeAssumptions } from './distances.ts';
import { MissCurve } from './miss-curve.ts';
import type { NamedSetting } from './prepared-study.ts';
import type { Recording } from './recording.ts';
import { fillShares } from './shares.ts';
import type { HostStart } from './start-state.ts';
import type { AlternativeOutcome, Assumption } from './study.ts';
import { Tally } from './tally.ts';

/** Rounds in which the shares under an idle tax and the hits that they bring settle together. */
const TAX_ROUNDS = 12;
/**
 * Of the change of the curve over the range of shares, what is stated as the error: measured over the settings and traces
 * of `test/what-if/stated-errors`.
 */
const ERROR_OF_RANGE = 0.6;
/** Error stated besides for several guests: their shares are whole pages and sway by some. */
const ERROR_LEAST = 0.002;

/** Shares of the pool and what they bring; guests by place. One is used again for many settings. */
export interface CurveAnswer {
  readonly shares: Float64Array;
  readonly misses: Float64Array;
}

/**
 * The curves engine: misses of each guest by its stack distances.
 *
 * An LRU page cache of R pages over an exclusive share of C pages that loses its oldest first is one LRU of R + C pages
 * (ShareReplay says why), so one curve a guest answers every weight, pool size and balloon target. Exact for one guest,
 * and for shares that do not change. Several guests are taken to hold their steady share all the time ({@link fillShares});
 * while shares fill, or guests pause, end or are taxed for it, that is an estimate, and near a cliff of a curve a poor one.
 */
export class CurveStudy {
  readonly curves: readonly MissCurve[];
  private readonly start: HostStart;
  private readonly config: HostConfig;
  private readonly horizonMs: number;
  private readonly used: Float64Array;
  private readonly demands: Float64Array;

  constructor(
    curves: readonly MissCurve[],
    { start, config, horizonMs }: { start: HostStart; config: HostConfig; horizonMs: number },
  ) {
    this.curves = curves;
    this.start = start;
    this.config = config;
    this.horizonMs = horizonMs;
    this.used = new Float64Array(curves.length);
    this.demands = new Float64Array(curves.length);
  }

  /** Makes the curves of the guests from the distances of a recording. */
  static of(
    recording: Recording,
    distances: Int32Array,
    about: { start: HostStart; config: HostConfig; horizonMs: number },
  ): CurveStudy {
    const { guestOf, accesses } = recording;
    const curves = Array.from(accesses, (count, guest) => {
      const own = (function* () {
        for (let at = 0; at < distances.length; at++) if (guestOf[at] === guest) yield distances[at];
      })();
      return new MissCurve(own, count);
    });
    return new CurveStudy(curves, about);
  }

  /** Pages of the pool under a setting, once the balloons are where they go. */
  poolPages({ totalPages, ephemeralLimit, targetPages, removed }: Setting): number {
    let pages = totalPages - this.config.reservedPages - this.start.store.persistentPages;
    for (let guest = 0; guest < targetPages.length; guest++) if (!removed[guest]) pages -= targetPages[guest];
    return Math.max(0, Math.min(pages, ephemeralLimit));
  }

  /** The steady shares of a setting and the misses (disk reads) they bring. */
  answer(setting: Setting, into: CurveAnswer): void {
    this.useOf(setting, into);
    this.missesAt(setting, into);
  }

  /** Settles shares, and under a tax also what is used of them. */
  private useOf(setting: Setting, { shares }: CurveAnswer): void {
    const { curves, used, demands } = this;
    const { targetPages, removed, weights, idleTaxPermille } = setting;
    const windows = this.config.idleTaxWindowS / (this.horizonMs / 1000);
    for (let guest = 0; guest < curves.length; guest++) {
      demands[guest] = removed[guest] ? 0 : Math.max(0, curves[guest].largestUseful - targetPages[guest]);
      // Pages that are never found again are stored as well: a guest that misses on for ever fills any share.
      if (!removed[guest] && curves[guest].coldMisses > 0) demands[guest] += curves[guest].coldMisses;
    }
    const problem = { poolPages: this.poolPages(setting), weights, demands, usedPages: used, idleTaxPermille };
    used.fill(Infinity);
    fillShares(problem, shares);
    for (let round = 0; round < TAX_ROUNDS && idleTaxPermille > 0; round++) {
      for (let guest = 0; guest < curves.length; guest++) {
        const ram = targetPages[guest];
        const hits = curves[guest].misses(ram) - curves[guest].misses(ram + shares[guest]);
        const now = hits * windows;
        used[guest] = round === 0 ? now : (used[guest] + now) / 2;
      }
      fillShares(problem, shares);
    }
  }

  private missesAt({ targetPages, removed }: Setting, { shares, misses }: CurveAnswer): void {
    for (let guest = 0; guest < misses.length; guest++) {
      // The page that is read in is cached for a moment beside the R + C: whole pages only.
      misses[guest] = removed[guest] ? 0 : this.curves[guest].misses(targetPages[guest] + Math.round(shares[guest]));
    }
  }

  /** The whole answer to one setting, with its stated errors. */
  outcome({ name, setting }: NamedSetting): AlternativeOutcome {
    const guests = this.curves.length;
    const answer = this.newAnswer();
    this.answer(setting, answer);
    const tally = new Tally(guests, this.start.second);
    const assumptions = this.assumptions(setting, answer);
    const isExact = assumptions.every(({ held }) => held) && this.curves.every(({ rate }) => rate === 1);
    let error = 0;
    for (let guest = 0; guest < guests; guest++) {
      if (setting.removed[guest]) continue;
      const { accesses } = this.curves[guest];
      tally.accesses[guest] = accesses;
      tally.diskReads[guest] = answer.misses[guest];
      tally.cacheHits[guest] = accesses - this.curves[guest].misses(setting.targetPages[guest]);
      tally.precacheHits[guest] = accesses - tally.cacheHits[guest] - answer.misses[guest];
      if (isExact || accesses === 0) continue;
      tally.errors[guest] = ERROR_LEAST + (ERROR_OF_RANGE * this.spread(setting, answer, guest)) / accesses;
      error += (tally.errors[guest] * accesses) ** 2;
    }
    const all = tally.accesses.reduce((sum, count) => sum + count, 0);
    tally.hostError = all === 0 ? 0 : Math.sqrt(error) / all;
    const held = answer.shares.reduce((sum, share) => sum + share, 0);
    tally.endSecond(answer.shares, setting.targetPages, Math.max(0, this.poolPages(setting) - held));
    return tally.outcome(name, 'curves', this.config.guests, assumptions);
  }

  /** How far the misses of a guest move over the range of shares that it may hold in the meantime. */
  private spread(setting: Setting, { shares, misses }: CurveAnswer, guest: number): number {
    const [low, high] = this.rangeOf(setting, shares, guest);
    const curve = this.curves[guest];
    const ram = setting.targetPages[guest];
    return Math.max(curve.misses(ram + low) - misses[guest], misses[guest] - curve.misses(ram + high));
  }

  /**
   * The least and the most that a guest may hold: it is idle in the eyes of the tax and the others are not, or the other
   * way round; and what it holds at the start.
   */
  private rangeOf(setting: Setting, shares: Float64Array, guest: number): readonly [number, number] {
    const used = new Float64Array(shares.length).fill(Infinity);
    const into = new Float64Array(shares.length);
    const { weights, idleTaxPermille } = setting;
    const problem = {
      poolPages: this.poolPages(setting),
      weights,
      demands: this.demands,
      usedPages: used,
      idleTaxPermille,
    };
    used[guest] = 0;
    fillShares(problem, into);
    const idle = into[guest];
    used.fill(0);
    used[guest] = Infinity;
    fillShares(problem, into);
    const busy = into[guest];
    const atStart = this.start.guests[guest].storedPages.length;
    return [Math.min(idle, shares[guest], atStart), Math.max(busy, shares[guest], atStart)];
  }

  /** What a steady answer takes for granted, and whether it is so. */
  private assumptions(setting: Setting, { shares }: CurveAnswer): Assumption[] {
    const present = this.start.guests.filter((_, place) => !setting.removed[place]);
    const alone = present.length === 1;
    const pool = this.poolPages(setting);
    const held = this.start.store.ephemeralPages;
    // Whoever can use no more than it has at hand needs no share of others'.
    const fits = shares.every((share, guest) => setting.removed[guest] || share >= this.demands[guest]);
    const ownsRam = present.every((guest) => guest.targetPages === guest.ramPages);
    const moves = present.some((guest) => {
      const place = this.start.guests.indexOf(guest);
      return guest.ramPages !== setting.targetPages[place];
    });
    return [
      {
        text: 'the policy honours weights at every moment (max-over-share), or there is nothing to share',
        held: alone || fits || setting.policy === 'max-over-share',
      },
      {
        text: 'each guest holds its steady share all the time: one guest alone, or every guest has what it can use',
        held: alone || fits,
      },
      { text: 'no balloon is under way', held: alone || (ownsRam && !moves) },
      { text: 'the pool is full or all that is put fits', held: alone || fits || held >= pool },
      ...storeAssumptions(this.start),
    ];
  }

  /** What {@link answer} writes into. */
  newAnswer(): CurveAnswer {
    return { shares: new Float64Array(this.curves.length), misses: new Float64Array(this.curves.length) };
  }
}
