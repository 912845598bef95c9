import type { HostConfig } from '../host/host-config.ts';
import type { NamedSetting, Setting } from './changes.ts';
import { storeAssumptions } from './distances.ts';
import { MissCurve } from './miss-curve.ts';
import type { Recording } from './recording.ts';
import { fillShares } from './shares.ts';
import { followShares } from './share-course.ts';
import { SlotCurves, SLOTS } from './slot-curves.ts';
import type { HostStart } from './start-state.ts';
import type { AlternativeOutcome, Assumption } from './study.ts';
import { Tally } from './tally.ts';

/** Rounds in which the shares under an idle tax and the hits that they bring settle together. */
const TAX_ROUNDS = 12;
/** Use that moves by less is settled. */
const SETTLED_PAGES = 1;

/**
 * What is stated as the error, in disk reads per access: a part of what the course of the shares changes, and of how the
 * misses move where shares sway; and a least one, as shares are whole pages. The parts were measured over
 * many hosts, settings and traces (`test/long/what-if-errors.test.ts`).
 */
const OF_COURSE = 0.25;
const OF_SWAY = 0.3;
const ERROR_LEAST = 0.001;

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
  /** The curves in parts of the time. */
  private readonly slotCurves: SlotCurves;
  private readonly used: Float64Array;
  private readonly demands: Float64Array;

  constructor(
    curves: readonly MissCurve[],
    recording: Recording,
    distances: Int32Array,
    { start, config, horizonMs }: { start: HostStart; config: HostConfig; horizonMs: number },
  ) {
    this.curves = curves;
    this.start = start;
    this.config = config;
    this.horizonMs = horizonMs;
    this.slotCurves = new SlotCurves(
      recording,
      distances,
      curves.map((_, guest) => this.depthOf(guest)),
    );
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
    return new CurveStudy(curves, recording, distances, about);
  }

  /** Pages of the pool under a setting, once the balloons are where they go. */
  poolPages({ totalPages, ephemeralLimit, targetPages, removed }: Setting): number {
    let pages = totalPages - this.config.reservedPages - this.start.store.persistentPages;
    for (let guest = 0; guest < targetPages.length; guest++) if (!removed[guest]) pages -= targetPages[guest];
    return Math.max(0, Math.min(pages, ephemeralLimit));
  }

  /** Pages that a guest has referenced by the horizon or had at the start: the most that cache and share can hold. */
  private depthOf(guest: number): number {
    const { cachedPages, storedPages } = this.start.guests[guest];
    return cachedPages.length + storedPages.length + this.curves[guest].coldMisses;
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
      demands[guest] = removed[guest] ? 0 : Math.max(0, this.depthOf(guest) - targetPages[guest]);
    }
    const problem = { poolPages: this.poolPages(setting), weights, demands, usedPages: used, idleTaxPermille };
    used.fill(Infinity);
    fillShares(problem, shares);
    for (let round = 0; round < TAX_ROUNDS && idleTaxPermille > 0; round++) {
      let moved = 0;
      for (let guest = 0; guest < curves.length; guest++) {
        const ram = targetPages[guest];
        const hits = curves[guest].misses(ram) - curves[guest].misses(ram + shares[guest]);
        const now = round === 0 ? hits * windows : (used[guest] + hits * windows) / 2;
        moved = Math.max(moved, Math.abs(now - used[guest]));
        used[guest] = now;
      }
      if (moved < SETTLED_PAGES) return;
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
    const course = isExact ? null : this.courseOf(setting);
    let error = 0;
    for (let guest = 0; guest < guests; guest++) {
      if (setting.removed[guest]) continue;
      const curve = this.curves[guest];
      const steady = answer.misses[guest];
      const misses = course === null ? steady : course.misses[guest];
      const beyondCache = curve.misses(setting.targetPages[guest]);
      tally.accesses[guest] = curve.accesses;
      tally.diskReads[guest] = misses;
      tally.precacheHits[guest] = Math.max(0, beyondCache - misses);
      tally.cacheHits[guest] = curve.accesses - misses - tally.precacheHits[guest];
      if (course === null || curve.accesses === 0) continue;
      const range = OF_COURSE * Math.abs(misses - steady) + OF_SWAY * course.sway[guest];
      tally.errors[guest] = ERROR_LEAST + range / curve.accesses;
      // What one guest does not hold another does, so the errors are no independent ones.
      error += tally.errors[guest] * curve.accesses;
    }
    const all = tally.accesses.reduce((sum, count) => sum + count, 0);
    tally.hostError = all === 0 ? 0 : error / all;
    const shares = course === null ? answer.shares : course.meanShares;
    const held = shares.reduce((sum, share) => sum + share, 0);
    tally.endSecond(shares, setting.targetPages, Math.max(0, this.poolPages(setting) - held));
    return tally.outcome(name, 'curves', this.config.guests, assumptions);
  }

  private courseOf(setting: Setting): ReturnType<typeof followShares> {
    const { slotCurves: curves, config, horizonMs } = this;
    return followShares({
      curves,
      ram: setting.targetPages,
      setting,
      poolPages: this.poolPages(setting),
      sharesAtStart: this.start.guests.map(({ storedPages, cachedPages }, guest) =>
        setting.removed[guest] ? 0 : Math.max(0, storedPages.length + cachedPages.length - setting.targetPages[guest]),
      ),
      knownAtStart: this.start.guests.map(({ storedPages, cachedPages }) => storedPages.length + cachedPages.length),
      usedAtStart: this.start.guests.map((_, guest) => this.start.store.holdings.usedPages[guest]),
      slotS: horizonMs / 1000 / SLOTS,
      windowS: config.idleTaxWindowS,
    });
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
      { text: 'no balloon is under way', held: ownsRam && !moves },
      { text: 'the pool is full or all that is put fits', held: alone || fits || held >= pool },
      ...storeAssumptions(this.start),
    ];
  }

  /** What {@link answer} writes into. */
  newAnswer(): CurveAnswer {
    return { shares: new Float64Array(this.curves.length), misses: new Float64Array(this.curves.length) };
  }
}
