import { PageCache } from '../host/guest/page-cache.ts';
import type { HostConfig } from '../host/host-config.ts';
import { EPHEMERAL_PRIVATE } from '../host/tmem/options.ts';
import { TmemStore } from '../host/tmem/store.ts';
import { storeAssumptions } from './distances.ts';
import type { NamedSetting } from './changes.ts';
import { STEPS_PER_S } from './recording.ts';
import { SAMPLED_PAGES_LEAST, type SampledRecording } from './sampled-recording.ts';
import { ScaledErrors } from './scaled-errors.ts';
import type { Slices } from './slices.ts';
import type { HostStart } from './start-state.ts';
import { type AlternativeOutcome, isGradual, type TimedCommand } from './study.ts';
import { Tally } from './tally.ts';
import { playTimeline, type TimelinePlayer } from './timeline.ts';

const LOOK_EVERY = 16_384;

/**
 * Scaled-down simulation: the store and the page caches with every size times R, on the references of a sample of the
 * pages (R of them), in the order of the host. Counts are divided by R; misses per access by R × all accesses and
 * not by the sample's own length (SHARDS-adj). At R = 1 it is a full run. Queues do not scale with R: swap, dirty pages and
 * balloon transients are for full runs.
 */
export class ScaledRun implements TimelinePlayer {
  readonly tally: Tally;
  readonly errors: ScaledErrors;
  private readonly sample: SampledRecording;
  private readonly config: HostConfig;
  private readonly setting: NamedSetting['setting'];
  private readonly store: TmemStore;
  private readonly caches: readonly PageCache[];
  private readonly ram: Int32Array;
  private readonly target: Int32Array;
  private readonly oid = new Uint32Array(6);

  constructor(sample: SampledRecording, start: HostStart, config: HostConfig, setting: NamedSetting['setting']) {
    const { rate } = sample;
    const scaled = (pages: number): number => Math.round(pages * rate);
    this.sample = sample;
    this.config = config;
    this.setting = setting;
    this.tally = new Tally(start.guests.length, sample.full.firstSecond);
    this.errors = new ScaledErrors(sample);
    this.ram = Int32Array.from(start.guests, ({ ramPages }, place) => (setting.removed[place] ? 0 : scaled(ramPages)));
    this.target = Int32Array.from(setting.targetPages, (pages, place) => (setting.removed[place] ? 0 : scaled(pages)));
    const guestPages = start.guests.reduce((sum, { ramPages }, at) => sum + (setting.removed[at] ? 0 : ramPages), 0);
    const poolPages = setting.totalPages - config.reservedPages - guestPages;
    const { tally } = this;
    this.store = new TmemStore({
      mode: 'default',
      heapPages: this.ram.reduce((sum, pages) => sum + pages, 0) + scaled(poolPages),
      policy: setting.policy,
      idleTaxPermille: setting.idleTaxPermille,
      useWindowSeconds: config.idleTaxWindowS,
      ephemeralLimitPages: setting.ephemeralLimit === Infinity ? Infinity : scaled(setting.ephemeralLimit),
      sink: { recordEviction: (victim, beneficiary) => tally.evicted(victim, beneficiary) },
    });
    start.guests.forEach((guest, place) => {
      this.store.createDomain(guest.id, this.ram[place], Infinity);
      this.store.newPool(place, EPHEMERAL_PRIVATE);
    });
    this.caches = start.guests.map(({ distinctPages }) => new PageCache(distinctPages));
    this.enter(start);
  }

  /** Fills store and caches with the sampled part of what they hold at the start. */
  private enter(start: HostStart): void {
    const { inSample, rate } = this.sample;
    const { removed } = this.setting;
    const isIn = (page: number, guest: number): boolean => !removed[guest] && inSample[guest][page] === 1;
    start.stored.forEach((page, at) => {
      if (isIn(page, start.storedBy[at])) this.put(start.storedBy[at], page);
    });
    start.guests.forEach(({ cachedPages }, guest) => {
      for (const page of cachedPages) if (isIn(page, guest)) this.caches[guest].insert(page);
      this.reclaimTo(guest, this.ram[guest]);
    });
    const { usedPages } = start.store.holdings;
    start.guests.forEach((_, place) => {
      // Told to the policy by the weight that follows.
      this.store.holdings.usedPages[place] = removed[place] ? 0 : Math.round(usedPages[place] * rate);
      this.store.setWeight(place, removed[place] ? 0 : this.setting.weights[place]);
    });
    // What was evicted to fit the sample in is no event of the host.
    if (rate < 1) this.tally.forget();
  }

  /** Plays the whole sample. */
  async run(slices: Slices): Promise<void> {
    const { sample, tally, setting } = this;
    const { stepAt, cuts, full } = sample;
    const { diskReads } = tally;
    const timeline = { stepAt, cuts, firstStep: full.firstStep, length: sample.pages.length };
    await playTimeline(timeline, this, LOOK_EVERY, slices);
    const misses = full.accesses.map((accesses, guest) =>
      Math.min(accesses, (diskReads[guest] + tally.precacheHits[guest]) / sample.rate),
    );
    tally.scaleUp(1 / sample.rate);
    full.accesses.forEach((accesses, guest) => {
      if (setting.removed[guest]) return;
      tally.accesses[guest] = accesses;
      diskReads[guest] = Math.min(diskReads[guest], accesses);
      tally.precacheHits[guest] = Math.min(misses[guest] - diskReads[guest], accesses - diskReads[guest]);
      tally.cacheHits[guest] = accesses - diskReads[guest] - tally.precacheHits[guest];
    });
  }

  endSecond(): void {
    this.store.tick();
    this.tally.endSecond(this.store.holdings.ephemeralPages, this.ram, this.store.freePages);
  }

  /** A recorded change, unless the setting has overruled it. */
  command(command: TimedCommand): void {
    if (!this.setting.commands.includes(command)) return;
    const { change } = command;
    if (!isGradual(change)) throw new Error(`A change of ${change.kind} cannot be repeated on a sample.`);
    const place = this.config.guests.findIndex(({ id }) => id === change.guestId);
    if (change.kind === 'weight') this.store.setWeight(place, change.value);
    else this.target[place] = Math.round(change.pages * this.sample.rate);
  }

  play(from: number, to: number): void {
    const { caches, ram, store, oid, tally, setting, errors } = this;
    const { guestOf, pages } = this.sample;
    const { diskReads, precacheHits } = tally;
    for (let at = from; at < to; at++) {
      const guest = guestOf[at];
      const page = pages[at];
      const cache = caches[guest];
      if (cache.has(page)) {
        cache.touch(page);
        continue;
      }
      if (setting.removed[guest]) continue;
      oid[0] = page >>> 12;
      if (store.get(guest, 0, oid, page & 4095) === 1) {
        precacheHits[guest]++;
      } else {
        diskReads[guest]++;
        errors.missed(guest, page, at);
      }
      cache.insert(page);
      this.reclaimTo(guest, ram[guest]);
    }
  }

  private reclaimTo(guest: number, pages: number): void {
    const cache = this.caches[guest];
    while (cache.size > pages) this.put(guest, cache.removeOldest());
  }

  private put(guest: number, page: number): void {
    this.oid[0] = page >>> 12;
    this.store.put(guest, 0, this.oid, page & 4095, page, 0);
  }

  balloonStep(done: number): void {
    const { ram, target, store } = this;
    const rate = this.config.balloonPagesPerS * this.sample.rate;
    const most = Math.floor((rate * (done + 1)) / STEPS_PER_S) - Math.floor((rate * done) / STEPS_PER_S);
    for (let guest = 0; guest < ram.length; guest++) {
      if (ram[guest] < target[guest]) ram[guest] += store.growRam(guest, Math.min(target[guest] - ram[guest], most));
      for (let moved = 0; moved < most && ram[guest] > target[guest]; moved++) {
        this.reclaimTo(guest, ram[guest] - 1);
        ram[guest] -= store.shrinkRam(guest, 1);
      }
    }
  }

  /** Occupancy is counted in sampled pages until {@link Tally.scaleUp}. */
  outcomeOf(named: NamedSetting, start: HostStart): AlternativeOutcome {
    const { sample, tally } = this;
    if (sample.rate < 1) this.errors.state(tally, this.setting);
    return tally.outcome(named.name, 'scaled', this.config.guests, [
      {
        text: `at least ${SAMPLED_PAGES_LEAST} sampled pages`,
        held: sample.rate >= 1 || sample.sampledPages >= SAMPLED_PAGES_LEAST,
      },
      ...storeAssumptions(start),
    ]);
  }
}

/** Scaled engine: see {@link ScaledRun}. */
export async function runScaled(
  sample: SampledRecording,
  start: HostStart,
  config: HostConfig,
  named: NamedSetting,
  slices: Slices,
): Promise<AlternativeOutcome> {
  const run = new ScaledRun(sample, start, config, named.setting);
  await run.run(slices);
  return run.outcomeOf(named, start);
}
