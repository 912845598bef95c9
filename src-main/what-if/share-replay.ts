import type { HostConfig } from '../host/host-config.ts';
import { IdleUse } from '../host/tmem/idle-use.ts';
import { POLICIES } from '../host/tmem/policies/index.ts';
import type { EvictionPolicy, Holdings } from '../host/tmem/policies/policy.ts';
import { NO_CLIENT } from '../host/tmem/policies/policy.ts';
import type { CandidateTape } from './candidate-tape.ts';
import type { Setting } from './changes.ts';
import { STEPS_PER_S } from './recording.ts';
import type { Slices } from './slices.ts';
import type { HostStart } from './start-state.ts';
import { isGradual, type TimedCommand } from './study.ts';
import { Tally } from './tally.ts';
import { playTimeline, type TimelinePlayer } from './timeline.ts';

const LOOK_EVERY = 65_536;
/** No client and not {@link NO_CLIENT}: the policy must be asked. */
const UNKNOWN = -2;
const SCANNED_GUESTS = 8;
/** Stands for weight 0: less than any weight divided by any number of pages, and exact to multiply by. */
const NO_WEIGHT = 1 / 0x1_0000_0000;

/**
 * Replays what each guest holds, by number only.
 *
 * A guest with an LRU page cache puts its pages in the order of their last use and loses the oldest first, and a get
 * takes a page out; so what its cache and its share of the pool hold together is always the top of its LRU stack: n pages,
 * n = cached + stored. A miss adds the page on top, an eviction takes one from the bottom. So a reference of stack
 * distance d is found iff d ≤ n *of that moment*, and all that is left of the host are counters: pages cached and stored
 * by each guest, its RAM, and the fallow pages. Which guest loses a page is asked of the store's own policy objects.
 *
 * Exact, at any change of shares, while the policy names the guest that loses its own oldest page (max-over-share, with
 * tax or without) and guests only read; the invariants of the host (balloon steps, order of evictions, ticks of the idle
 * tax) are kept as the host keeps them.
 */
export class ShareReplay implements TimelinePlayer {
  readonly tally: Tally;
  private readonly tape: CandidateTape;
  private readonly config: HostConfig;
  private readonly setting: Setting;
  private readonly holdings: Holdings;
  private readonly policy: EvictionPolicy;
  private readonly idleUse: IdleUse;
  private readonly cached: Int32Array;
  private readonly ram: Int32Array;
  private readonly target: Int32Array;
  private readonly gets: Float64Array;
  private readonly hitsAtTick: Float64Array;
  private free: number;
  private leader = UNKNOWN;
  /** Few guests without a tax are looked at one by one, which is faster than the policy's tree and comes to the same. */
  private readonly scans: boolean;
  private readonly scanWeights: Float64Array;

  constructor(tape: CandidateTape, start: HostStart, config: HostConfig, setting: Setting) {
    const clients = start.store.holdings;
    const guests = tape.guests;
    this.tape = tape;
    this.config = config;
    this.setting = setting;
    this.tally = new Tally(guests, tape.firstSecond);
    this.cached = Int32Array.from(start.guests, (guest) => guest.cachedPages.length);
    this.ram = Int32Array.from(start.guests, (guest) => guest.ramPages);
    this.target = Int32Array.from(setting.targetPages);
    this.gets = new Float64Array(guests);
    this.hitsAtTick = Float64Array.from(start.guests, ({ present }, guest) =>
      present ? -start.store.hitsSinceTick(guest) : 0,
    );
    this.free = start.store.freePages + setting.totalPages - config.reservedPages - start.store.heapPages;
    const weights = setting.weights.map((weight, guest) => (setting.removed[guest] ? 0 : weight));
    this.holdings = {
      clientSlots: guests,
      ephemeralPages: clients.ephemeralPages.slice(0, guests),
      weights: Float64Array.from(weights),
      usedPages: clients.usedPages.slice(0, guests),
      totalEphemeralPages: clients.totalEphemeralPages,
      totalWeight: weights.reduce((sum, weight) => sum + weight, 0),
    };
    this.idleUse = new IdleUse(config.idleTaxWindowS);
    this.policy = POLICIES[setting.policy](this.holdings, { idleTaxPermille: setting.idleTaxPermille });
    this.scans = setting.idleTaxPermille === 0 && setting.policy === 'max-over-share' && guests <= SCANNED_GUESTS;
    this.scanWeights = Float64Array.from(weights, (weight) => (weight === 0 ? NO_WEIGHT : weight));
    this.enter(start);
  }

  /** The changes of the setting that move pages at once. */
  private enter(start: HostStart): void {
    const { holdings, setting, ram, target, cached, hitsAtTick } = this;
    start.guests.forEach((guest, place) => {
      if (!setting.removed[place] || !guest.present) return;
      this.free += ram[place] + holdings.ephemeralPages[place];
      // They go for the host, which counts as an eviction.
      for (let left = holdings.ephemeralPages[place]; left > 0; left--) this.tally.evicted(place, NO_CLIENT);
      holdings.totalEphemeralPages -= holdings.ephemeralPages[place];
      holdings.ephemeralPages[place] = 0;
      holdings.usedPages[place] = 0;
      hitsAtTick[place] = 0;
      cached[place] = ram[place] = target[place] = 0;
    });
    this.policy.rebuild();
    while (this.free < 0 && this.evictFor(NO_CLIENT));
    while (holdings.totalEphemeralPages > setting.ephemeralLimit && this.evictFor(NO_CLIENT));
  }

  /** Plays the whole tape. */
  async run(slices: Slices): Promise<void> {
    const { tape, tally } = this;
    await playTimeline({ ...tape, length: tape.distances.length }, this, LOOK_EVERY, slices);
    tape.accesses.forEach((accesses, guest) => {
      if (this.setting.removed[guest]) return;
      tally.accesses[guest] = accesses;
      tally.cacheHits[guest] = accesses - this.gets[guest];
      tally.diskReads[guest] = this.gets[guest] - tally.precacheHits[guest];
    });
  }

  play(from: number, to: number): void {
    const { guestOf, distances } = this.tape;
    const { cached, ram, gets, holdings, tally, setting } = this;
    const { precacheHits, evictedBySelf } = tally;
    const { removed, ephemeralLimit } = setting;
    const held = holdings.ephemeralPages;
    for (let at = from; at < to; at++) {
      const guest = guestOf[at];
      const distance = distances[at];
      const inCache = cached[guest];
      if (distance <= inCache || removed[guest]) continue;
      gets[guest]++;
      const isSteady = inCache === ram[guest];
      if (distance <= inCache + held[guest]) {
        precacheHits[guest]++;
        // The page that leaves the cache takes the place of the one that was found: nothing else changes.
        if (isSteady && holdings.totalEphemeralPages <= ephemeralLimit && this.free >= 0) continue;
        held[guest]--;
        holdings.totalEphemeralPages--;
        this.free++;
        this.changed(guest);
      } else if (isSteady && this.free === 0 && holdings.totalEphemeralPages < ephemeralLimit) {
        // One page leaves the pool for the one that leaves the cache. Where nobody has one, that one is lost.
        const victim = this.victimFor(guest);
        if (victim === guest) {
          evictedBySelf[guest]++;
          tally.evictions++;
        } else if (victim >= 0) {
          held[victim]--;
          held[guest]++;
          tally.evicted(victim, guest);
          this.changed(victim);
          this.changed(guest);
        }
        continue;
      }
      cached[guest] = inCache + 1;
      this.reclaimTo(guest, ram[guest]);
    }
  }

  /** Who loses the next page: looked for only after something has changed. max-over-share does not look at who asks. */
  private victimFor(requester: number): number {
    if (this.leader === UNKNOWN) this.leader = this.scans ? this.mostOverShare() : this.policy.victim(requester);
    return this.leader;
  }

  /** What the policy answers without a tax: the most pages for the weight, ties to the lower number; −1 where none has any. */
  private mostOverShare(): number {
    const { scanWeights } = this;
    const held = this.holdings.ephemeralPages;
    let most = 0;
    for (let guest = 1; guest < scanWeights.length; guest++) {
      if (held[guest] * scanWeights[most] > held[most] * scanWeights[guest]) most = guest;
    }
    return held[most] > 0 ? most : NO_CLIENT;
  }

  private changed(guest: number): void {
    if (!this.scans) this.policy.changed(guest);
    this.leader = UNKNOWN;
  }

  /** Puts the oldest pages of a cache until at most `pages` are in it. */
  private reclaimTo(guest: number, pages: number): void {
    const { cached, holdings, setting } = this;
    while (cached[guest] > pages) {
      cached[guest]--;
      if (holdings.totalEphemeralPages >= setting.ephemeralLimit && !this.evictFor(guest)) continue;
      if (this.free <= 0 && !this.evictFor(guest)) continue;
      this.free--;
      holdings.ephemeralPages[guest]++;
      holdings.totalEphemeralPages++;
      this.changed(guest);
    }
  }

  /** Evicts one page for a guest (or the host). @returns whether there was one */
  private evictFor(requester: number): boolean {
    const victim = this.victimFor(requester);
    if (victim < 0) return false;
    this.holdings.ephemeralPages[victim]--;
    this.holdings.totalEphemeralPages--;
    this.changed(victim);
    this.free++;
    this.tally.evicted(victim, requester);
    return true;
  }

  /** A recorded change, unless the setting has overruled it. */
  command(command: TimedCommand): void {
    const { config, setting, holdings, target, scanWeights } = this;
    if (!setting.commands.includes(command)) return;
    const { change } = command;
    if (!isGradual(change)) throw new Error(`A change of ${change.kind} cannot be repeated by shares.`);
    const place = config.guests.findIndex(({ id }) => id === change.guestId);
    if (change.kind === 'balloon-target') {
      target[place] = change.pages;
      return;
    }
    holdings.totalWeight += change.value - holdings.weights[place];
    holdings.weights[place] = change.value;
    scanWeights[place] = change.value === 0 ? NO_WEIGHT : change.value;
    this.policy.rebuild();
    this.leader = UNKNOWN;
  }

  balloonStep(done: number): void {
    const { ram, target } = this;
    const rate = this.config.balloonPagesPerS;
    const most = Math.floor((rate * (done + 1)) / STEPS_PER_S) - Math.floor((rate * done) / STEPS_PER_S);
    for (let guest = 0; guest < ram.length; guest++) {
      if (ram[guest] < target[guest]) this.grow(guest, Math.min(target[guest] - ram[guest], most));
      else if (ram[guest] > target[guest]) this.shrink(guest, Math.min(ram[guest] - target[guest], most));
    }
  }

  private grow(guest: number, pages: number): void {
    for (let moved = 0; moved < pages; moved++) {
      if (this.free <= 0 && !this.evictFor(guest)) return;
      this.free--;
      this.ram[guest]++;
    }
  }

  private shrink(guest: number, pages: number): void {
    for (let moved = 0; moved < pages; moved++) {
      this.reclaimTo(guest, this.ram[guest] - 1);
      this.ram[guest]--;
      this.free++;
    }
  }

  endSecond(): void {
    const { holdings, hitsAtTick, idleUse, tally, gets } = this;
    for (let guest = 0; guest < hitsAtTick.length; guest++) {
      const hits = tally.precacheHits[guest];
      holdings.usedPages[guest] = idleUse.next(holdings.usedPages[guest], hits - hitsAtTick[guest]);
      hitsAtTick[guest] = hits;
      tally.diskReads[guest] = gets[guest] - hits;
    }
    if (this.setting.idleTaxPermille > 0) {
      this.policy.rebuild();
      this.leader = UNKNOWN;
    }
    tally.endSecond(holdings.ephemeralPages, this.ram, this.free);
  }
}
