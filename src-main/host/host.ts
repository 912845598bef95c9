import { EventOrder, NEVER } from './event-order.ts';
import { EvictionLedger } from './eviction-ledger.ts';
import { Guest } from './guest/guest.ts';
import type { HostConfig } from './host-config.ts';
import type { SampleBatch } from './sample-batch.ts';
import { GUEST, GUEST_WIDTH, HOST_WIDTH } from './sample-columns.ts';
import { digestOf, type StateEntry, StateReader, StateWriter } from './state.ts';
import { REASON_COUNT } from './tmem/eviction-reasons.ts';
import { TmemStore } from './tmem/store.ts';

const NS_PER_MS = 1_000_000;
const NS_PER_S = 1_000_000_000;
/** Balloons move in steps of 100 host ms. */
const BALLOON_STEPS_PER_S = 10;
const NS_PER_STEP = NS_PER_S / BALLOON_STEPS_PER_S;

/**
 * A tmem host and its guests in host time. Config + commands (each at a host time) always give the same result, however
 * the run is cut into slices: what happens at one instant has a fixed order: the balloons' step, the end of a second
 * (idle use decays, then the sample is taken), commands, then guests, the lower number first.
 *
 * Invariant at every instant, in pages: total = reserved + Σ guest RAM + ephemeral + persistent + fallow.
 * Times within a second are whole nanoseconds, so that nothing is rounded however long a run lasts.
 */
export class Host {
  readonly guestIds: readonly number[];
  private readonly config: HostConfig;
  private readonly store: TmemStore;
  private readonly guests: readonly Guest[];
  private readonly ledger: EvictionLedger;
  /** Next access of each guest, in ns since the current second began. */
  private readonly order: EventOrder;
  private second = 0;
  /** How far the model has come within the second, and how many balloon steps of it are done. */
  private nowNs = 0;
  private stepsDone = 0;
  private batchFirstSecond = 0;
  private hostRows: number[] = [];
  private guestRows: number[] = [];
  private evictionRows: number[] = [];

  /** @throws Error when the guests' RAM and the reserve do not fit into the host. */
  constructor(config: HostConfig) {
    this.config = config;
    this.guestIds = config.guests.map((guest) => guest.id);
    this.ledger = new EvictionLedger(this.guestIds, REASON_COUNT);
    const { ledger } = this;
    this.store = new TmemStore({
      mode: 'default',
      heapPages: config.totalPages - config.reservedPages,
      policy: config.policy,
      idleTaxPermille: config.idleTaxPermille,
      useWindowSeconds: config.idleTaxWindowS,
      sink: {
        recordEviction: (victim, beneficiary, _pool, reason) => ledger.record(victim, beneficiary, reason),
      },
    });
    this.guests = config.guests.map((guest, place) => new Guest(guest, place, config.seed, this.store));
    if (this.guests.some((guest, place) => guest.ramPages !== config.guests[place].ramPages)) {
      throw new Error(`The RAM of the guests does not fit into a host of ${config.totalPages} pages.`);
    }
    this.order = new EventOrder(this.guests.length);
    this.guests.forEach((guest, place) => this.order.set(place, guest.player.nextGapNs()));
  }

  /** Host time in ms since the run began. */
  get hostMs(): number {
    return this.second * 1000 + this.nowNs / NS_PER_MS;
  }

  /** A guest by its id; read it, change it only through this class. */
  guest(
    id: number,
  ):
    Readonly<Pick<Guest, 'id' | 'name' | 'minPages' | 'maxPages' | 'ramPages' | 'targetPages' | 'weight'>> | undefined {
    return this.guests.find((guest) => guest.id === id);
  }

  /**
   * Command: sets the weight of a guest (0 … 65,535) from now on. Pages move with the puts that follow.
   * @throws Error for an unknown guest
   */
  setWeight(id: number, weight: number): void {
    this.known(id).setWeight(weight);
  }

  /** Command: sets the balloon target of a guest in pages. @throws Error for an unknown guest or outside its bounds */
  setBalloonTarget(id: number, pages: number): void {
    const guest = this.known(id);
    if (pages < guest.minPages || pages > guest.maxPages)
      throw new Error(`${pages} pages are outside the bounds of ${guest.name}.`);
    guest.targetPages = pages;
  }

  /** Command: another eviction policy and idle tax (0 … 999 ‰) from now on. Pages move with the puts that follow. */
  setPolicy(policy: HostConfig['policy'], idleTaxPermille: number): void {
    this.store.setPolicy(policy, idleTaxPermille);
  }

  /** Command: the most ephemeral pages that all guests together may have stored. Pages beyond it go at once. */
  setEphemeralLimit(pages: number): void {
    this.store.setEphemeralLimit(pages);
  }

  /**
   * Command: the host has this much RAM from now on. Where less is left than is in use, ephemeral pages go at once.
   * @throws Error when the guests' RAM and the reserve would not fit
   */
  setTotalPages(pages: number): void {
    const heapPages = pages - this.config.reservedPages;
    const taken = this.store.persistentPages + this.guests.reduce((sum, guest) => sum + guest.ramPages, 0);
    if (heapPages < taken) {
      throw new Error(`A host of ${pages} pages is too small for its reserve and the ${taken} pages its guests have.`);
    }
    this.store.setHeapPages(heapPages);
  }

  /** Command: a guest ends; its RAM and all that it has in tmem become fallow. @throws Error for an unknown guest */
  removeGuest(id: number): void {
    const guest = this.known(id);
    const place = this.guests.indexOf(guest);
    this.store.destroyDomain(place);
    guest.ramPages = 0;
    guest.targetPages = 0;
    this.order.set(place, NEVER);
  }

  /** Runs until host time `ms` (whole): everything that happens before it, and the steps that fall on it. */
  runTo(ms: number): void {
    for (;;) {
      const limitNs = (ms - this.second * 1000) * NS_PER_MS;
      const stepNs = (this.stepsDone + 1) * NS_PER_STEP;
      this.runGuestsUntil(Math.min(limitNs, stepNs));
      if (stepNs > limitNs) return;
      this.balloonStep();
      if (this.stepsDone === BALLOON_STEPS_PER_S) this.endSecond();
    }
  }

  /** The samples of the host seconds that ended since the last call. */
  takeSamples(): SampleBatch {
    const batch = {
      firstSecond: this.batchFirstSecond,
      seconds: this.hostRows.length / HOST_WIDTH,
      host: Float64Array.from(this.hostRows),
      guests: Float64Array.from(this.guestRows),
      evictions: Float64Array.from(this.evictionRows),
    };
    this.batchFirstSecond = this.second;
    this.hostRows = [];
    this.guestRows = [];
    this.evictionRows = [];
    return batch;
  }

  /** The whole state as flat copies: enough to go on in a host made from the same config. Samples not yet taken stay. */
  snapshot(): StateEntry[] {
    const to = new StateWriter();
    to.numbers('host', this.second, this.nowNs, this.stepsDone);
    to.array('host order', this.order.times);
    for (const guest of this.guests) guest.save(to);
    this.ledger.save(to);
    this.store.save(to);
    return to.entries;
  }

  /** Takes over a state made by {@link snapshot} in a host of the same config. @throws Error when it does not fit. */
  restore(entries: readonly StateEntry[]): void {
    const from = new StateReader(entries);
    const [second, nowNs, stepsDone] = from.numbers('host');
    this.second = second;
    this.nowNs = nowNs;
    this.stepsDone = stepsDone;
    this.batchFirstSecond = second;
    this.hostRows = [];
    this.guestRows = [];
    this.evictionRows = [];
    this.order.restore(from.array('host order', Float64Array));
    for (const guest of this.guests) guest.restore(from);
    this.ledger.restore(from);
    this.store.restore(from);
  }

  /** A second host in the same state: what is done to one does not touch the other. */
  fork(): Host {
    const copy = new Host(this.config);
    copy.restore(this.snapshot());
    return copy;
  }

  /** 64-bit digest of the state. */
  digest(): string {
    return digestOf(this.snapshot());
  }

  private known(id: number): Guest {
    const place = this.guestIds.indexOf(id);
    const guest = place >= 0 && this.order.times[place] !== NEVER ? this.guests[place] : undefined;
    if (guest === undefined) throw new Error(`There is no guest ${id}.`);
    return guest;
  }

  /** All accesses before `untilNs` of the current second, in order of time. */
  private runGuestsUntil(untilNs: number): void {
    const { guests, order, store } = this;
    const secondMs = this.second * 1000;
    for (;;) {
      const place = order.first;
      const atNs = order.times[place];
      if (atNs >= untilNs) break;
      const guest = guests[place];
      store.nowMs = secondMs + Math.floor(atNs / NS_PER_MS);
      guest.access(guest.player.nextPage());
      order.set(place, atNs + guest.player.nextGapNs());
    }
    this.nowNs = untilNs;
  }

  private balloonStep(): void {
    const done = this.stepsDone;
    const rate = this.config.balloonPagesPerS;
    // The rate in whole pages a step, so that ten steps move exactly the rate.
    const most =
      Math.floor((rate * (done + 1)) / BALLOON_STEPS_PER_S) - Math.floor((rate * done) / BALLOON_STEPS_PER_S);
    this.store.nowMs = this.hostMs;
    for (const guest of this.guests) {
      if (guest.targetPages !== guest.ramPages) guest.moveBalloon(most);
    }
    this.stepsDone = done + 1;
  }

  private endSecond(): void {
    this.store.tick();
    this.takeSecond();
    this.second++;
    this.nowNs = 0;
    this.stepsDone = 0;
    this.order.shift(NS_PER_S);
  }

  private takeSecond(): void {
    const { config, guests, ledger, store } = this;
    const { ephemeralPages, usedPages } = store.core.clients;
    let guestPages = 0;
    guests.forEach((guest, place) => {
      const persistentPages = this.order.times[place] === NEVER ? 0 : store.persistentPagesOf(place);
      guest.readGauges(ephemeralPages[place], usedPages[place], persistentPages);
      guest.counts[GUEST.evictedBySelf] = ledger.bySelf[place];
      guest.counts[GUEST.evictedByOthers] = ledger.byOthers[place];
      guest.counts[GUEST.evictionsCaused] = ledger.caused[place];
      for (let column = 0; column < GUEST_WIDTH; column++) this.guestRows.push(guest.counts[column]);
      guest.counts.fill(0);
      guestPages += guest.ramPages;
    });
    this.hostRows.push(
      store.heapPages + config.reservedPages,
      config.reservedPages,
      guestPages,
      store.ephemeralPages,
      store.persistentPages,
      store.freePages,
      ledger.total,
    );
    ledger.takeSecond(this.second, this.evictionRows);
  }
}
