import type { HostConfig } from '../host/host-config.ts';
import type { NamedSetting, Setting } from './changes.ts';
import { closeLoop } from './closed-loop.ts';
import { storeAssumptions } from './distances.ts';
import { DistanceCounts, MissCurve } from './miss-curve.ts';
import type { Recording } from './recording.ts';
import { fillShares } from './shares.ts';
import { type Course, followShares } from './share-course.ts';
import { SlotCurves, SLOTS } from './slot-curves.ts';
import type { Slices } from './slices.ts';
import type { HostStart } from './start-state.ts';
import { type AlternativeOutcome, type Assumption, isGradual } from './study.ts';
import { Tally } from './tally.ts';

/** References between two looks at the clock. */
const LOOK_EVERY = 65_536;
/** Rounds in which the shares under an idle tax and the hits that they bring settle together. */
const TAX_ROUNDS = 12;
/** Use that moves by less is settled. */
const SETTLED_PAGES = 1;

/**
 * Parts of what may be off ({@link Course}) that together make the stated error. Between the parts of the time errors cancel for the
 * most part, so what is systematic of them is small; under a tax a share follows how it is used, which chance moves by some
 * hundredths, and it moves for longer. Measured with one set of random hosts and checked with others
 * (`test/long/what-if-errors.test.ts`).
 */
const UNTAXED = { drift: 0.25, hundredths: 1 };
const TAXED = { drift: 1.5, hundredths: 6 };

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
  static async of(
    recording: Recording,
    distances: Int32Array,
    about: { start: HostStart; config: HostConfig; horizonMs: number },
    slices: Slices,
  ): Promise<CurveStudy> {
    const { guestOf, accesses } = recording;
    const counts = about.start.guests.map(({ distinctPages }) => new DistanceCounts(distinctPages));
    for (let at = 0; at < distances.length; at++) {
      counts[guestOf[at]].add(distances[at]);
      if (at % LOOK_EVERY === 0 && slices.isDue()) await slices.turn((0.5 * at) / distances.length);
    }
    const curves = counts.map((own, guest) => new MissCurve(own, accesses[guest]));
    await slices.turn(0.5);
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
      tally.errors[guest] = errorOf(course, guest, setting) / curve.accesses;
      // What one guest does not hold another does, so the errors are no independent ones.
      error += tally.errors[guest] * curve.accesses;
    }
    const all = tally.accesses.reduce((sum, count) => sum + count, 0);
    tally.hostError = all === 0 ? 0 : error / all;
    if (course !== null && !this.start.isOpenLoop) this.slowDown(tally, course, setting);
    const shares = course === null ? answer.shares : course.meanShares;
    const held = shares.reduce((sum, share) => sum + share, 0);
    tally.endSecond(shares, setting.targetPages, Math.max(0, this.poolPages(setting) - held));
    return tally.outcome(name, 'curves', this.config.guests, assumptions);
  }

  /** On a host where waiting takes time, guests come less far. */
  private slowDown(tally: Tally, course: Course, setting: Setting): void {
    const { slotCurves, config, horizonMs } = this;
    const about = { horizonMs, errors: tally.errors };
    const slow = closeLoop(course, slotCurves, config, setting, about);
    tally.accesses.set(slow.accesses);
    tally.diskReads.set(slow.diskReads);
    tally.precacheHits.set(slow.precacheHits);
    tally.waitingParts = slow.waitingParts;
    tally.waitingErrors = slow.waitingErrors;
    let error = 0;
    let all = 0;
    for (let guest = 0; guest < slow.accesses.length; guest++) {
      const accesses = slow.accesses[guest];
      tally.cacheHits[guest] = accesses - slow.diskReads[guest] - slow.precacheHits[guest];
      if (accesses > 0) tally.errors[guest] += slow.shiftErrors[guest];
      error += tally.errors[guest] * accesses;
      all += accesses;
    }
    tally.hostError = all === 0 ? 0 : error / all;
  }

  private courseOf(setting: Setting): ReturnType<typeof followShares> {
    const { slotCurves: curves, config, horizonMs } = this;
    return followShares({
      curves,
      settingIn: (slot) => this.settingIn(setting, slot),
      poolPages: (inForce) => this.poolPages(inForce),
      sharesAtStart: this.start.guests.map(({ storedPages, cachedPages }, guest) =>
        setting.removed[guest] ? 0 : Math.max(0, storedPages.length + cachedPages.length - setting.targetPages[guest]),
      ),
      knownAtStart: this.start.guests.map(({ storedPages, cachedPages }) => storedPages.length + cachedPages.length),
      usedAtStart: this.start.guests.map((_, guest) => this.start.store.holdings.usedPages[guest]),
      slotS: horizonMs / 1000 / SLOTS,
      windowS: config.idleTaxWindowS,
    });
  }

  /** A setting with the recorded changes that are in force in the middle of a part of the time. */
  private settingIn(setting: Setting, slot: number): Setting {
    const untilMs = this.start.hostMs + ((slot + 0.5) * this.horizonMs) / SLOTS;
    const made = setting.commands.filter(({ hostMs }) => hostMs <= untilMs);
    if (made.length === 0) return setting;
    const weights = [...setting.weights];
    const targetPages = [...setting.targetPages];
    for (const { change } of made) {
      if (!isGradual(change)) continue;
      const place = this.config.guests.findIndex(({ id }) => id === change.guestId);
      if (change.kind === 'weight') weights[place] = change.value;
      else targetPages[place] = change.pages;
    }
    return { ...setting, weights, targetPages };
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
      { text: 'nobody changed anything within the time', held: setting.commands.length === 0 },
      { text: 'the pool is full or all that is put fits', held: alone || fits || held >= pool },
      ...storeAssumptions(this.start),
    ];
  }

  /** What {@link answer} writes into. */
  newAnswer(): CurveAnswer {
    return { shares: new Float64Array(this.curves.length), misses: new Float64Array(this.curves.length) };
  }
}

/** How far the misses of a guest may be off, in references. */
function errorOf({ drift, drift2, sway, hundredth2 }: Course, guest: number, { idleTaxPermille }: Setting): number {
  const parts = idleTaxPermille > 0 ? TAXED : UNTAXED;
  return (
    parts.drift * drift[guest] +
    Math.sqrt(drift2[guest]) +
    sway[guest] +
    parts.hundredths * Math.sqrt(hundredth2[guest])
  );
}
